// [data-dialog="url"] opens a dialog whose content is fetched; a `dialog:close` event from the server closes it.
import htmx from "./htmx";
import { keyOf } from "./keys";

// Closed, it gives the focus back to what opened it, or to the menu in which that stood.
const dialog = document.querySelector<HTMLDialogElement>("dialog[data-host]");

let asked = 0; // an answer that comes after another question, or after Escape, is not shown
let back: HTMLElement | undefined;

export function openedBy(opener: HTMLElement): void {
  const menu = opener.closest<HTMLDetailsElement>("details.menu");
  const before = document.activeElement;
  const stays = before instanceof HTMLElement && before !== document.body && before !== opener && !menu?.contains(before);
  back = stays ? before : (menu?.querySelector<HTMLElement>("summary") ?? opener);
  menu?.removeAttribute("open");
  if (menu && !stays) back.focus();
}

async function show(url: string): Promise<void> {
  const mine = ++asked;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  const redirect = answer.headers.get("HX-Redirect");
  const html = await answer.text();
  if (mine !== asked) return;
  if (redirect) location.assign(redirect);
  else showContent(html);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") asked++;
});

export function showContent(html: string): void {
  const content = dialog?.querySelector(".dialog-content");
  if (!dialog || !content) return;
  content.innerHTML = html;
  htmx.process(content);
  if (!dialog.open) dialog.showModal();
  const fields = [...content.querySelectorAll<HTMLInputElement>(".field :is(input, select, textarea):not([type=hidden])")];
  const first = content.querySelector<HTMLElement>("[autofocus]") ?? fields.find((f) => f.required && !f.value) ?? fields[0];
  const act = content.querySelector<HTMLElement>(".dialog-foot [type=submit][data-kind=primary]");
  (first ?? act)?.focus(); // nothing to fill in: Enter does it, unless it takes something away, which asks for [autofocus] elsewhere
}

// Enter that is held since it opened the dialog does nothing in it.
dialog?.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter" && (event.target as Element).matches("button")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-dialog]");
  if (opener && !(event as MouseEvent).ctrlKey && !(event as MouseEvent).metaKey) {
    event.preventDefault();
    openedBy(opener);
    void show(opener.dataset.dialog || opener.getAttribute("href") || "");
  } else if (target.closest("[data-dialog-close]") || target === dialog) {
    dialog?.close();
  }
});

// Inside the dialog a key named by [data-dialog-key] presses what bears it, or goes to it when it is a field.
document.addEventListener("keydown", (event) => {
  const target = event.target as Element;
  if (!dialog?.open || target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.body.dataset.keys === "off") return;
  const bearer = [...dialog.querySelectorAll<HTMLElement>("[data-dialog-key]")].find((e) => e.dataset.dialogKey === keyOf(event));
  if (!bearer) return;
  event.preventDefault();
  if (bearer.matches("input")) bearer.focus();
  else bearer.click();
});

document.addEventListener("dialog:close", () => dialog?.close());
dialog?.addEventListener("close", () => {
  const content = dialog.querySelector(".dialog-content");
  if (content) content.innerHTML = "";
  if (back?.isConnected) back.focus();
});
