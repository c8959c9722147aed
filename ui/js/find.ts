// The search palette: `/` or Ctrl+K opens it, arrows choose, Enter goes there.
const dialog = document.querySelector<HTMLDialogElement>("dialog[data-palette]");
const input = dialog?.querySelector<HTMLInputElement>("input");

function options(): HTMLElement[] {
  return [...(dialog?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
}

function choose(step: number): void {
  const all = options();
  const now = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
  const next = Math.max(0, Math.min(all.length - 1, now + step));
  all.forEach((o, index) => o.setAttribute("aria-selected", String(index === next)));
  all[next]?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("click", (event) => {
  if (!dialog || !(event.target as Element).closest("[data-find]")) return;
  event.preventDefault();
  dialog.showModal();
  input?.select();
});

input?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    const chosen = options().find((o) => o.getAttribute("aria-selected") === "true") ?? options()[0];
    if (chosen) {
      event.preventDefault();
      chosen.click();
    }
  }
});
