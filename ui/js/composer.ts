// The composer: reply or note, Ctrl+Enter sends, files go up at once.
import { csrfToken } from "./htmx";

function composer(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-composer]");
}

document.addEventListener("click", (event) => {
  const tab = (event.target as Element).closest<HTMLElement>("[data-compose]");
  const box = composer();
  if (!tab || !box) return;
  box.dataset.kind = tab.dataset.compose!;
  for (const other of box.querySelectorAll<HTMLElement>("[data-compose]")) {
    other.setAttribute("aria-pressed", String(other.dataset.compose === tab.dataset.compose));
  }
  for (const form of box.querySelectorAll<HTMLElement>("[data-compose-form]")) {
    form.hidden = form.dataset.composeForm !== tab.dataset.compose;
  }
  box.querySelector<HTMLElement>(`[data-compose-form="${tab.dataset.compose}"] textarea`)?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = (event.target as Element).closest<HTMLFormElement>("form[data-send-by-key]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (!input.matches("input[type=file][data-upload]") || !input.files?.length) return;
  const body = new FormData();
  for (const file of input.files) body.append("file", file);
  void fetch(input.dataset.upload!, { method: "POST", headers: { "X-CSRFToken": csrfToken() }, body }).then(async (answer) => {
    const list = document.querySelector(input.dataset.uploadList!);
    if (list) list.innerHTML = await answer.text();
    input.value = "";
  });
});
