// The palette: `/` or Ctrl+K opens it over everything that can be found, the places of the desk and what the page can do.
import { Choices } from "./combobox";

const dialog = document.querySelector<HTMLDialogElement>("dialog[data-palette]");
const input = dialog?.querySelector<HTMLInputElement>("input");
const list = dialog?.querySelector<HTMLElement>("[role=listbox]");
const store = `lately-${dialog?.dataset.member ?? ""}`;
const KEPT = 12;

const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const lately = (): string[] => (localStorage.getItem(store) ?? "").split(",").filter(Boolean);

// Only numbers are kept here; the server says what they are, to whoever may see them.
function note(): void {
  const page = /^\/(case|order|customer)s\/([A-Z]+-\d+)\/$/.exec(location.pathname);
  if (!page) return;
  const ref = `${page[1]}:${page[2]}`;
  localStorage.setItem(store, [ref, ...lately().filter((one) => one !== ref)].slice(0, KEPT).join(","));
}

function commandOf(element: HTMLElement): HTMLElement {
  const option = document.createElement("button");
  option.type = "button";
  option.className = "find-line";
  option.tabIndex = -1;
  option.setAttribute("role", "option");
  const [icon, body, key] = [document.createElement("span"), document.createElement("span"), document.createElement("span")];
  [icon.className, body.className, key.className] = ["find-icon", "find-body", "find-end"];
  const drawn = element.querySelector("svg")?.cloneNode(true);
  if (drawn) icon.append(drawn);
  body.textContent = element.dataset.keyLabel!;
  key.append(...element.dataset.key!.split(" ").map((k) => Object.assign(document.createElement("kbd"), { textContent: k })));
  option.append(icon, body, key);
  option.addEventListener("choose", () => element.click());
  return option;
}

function commands(): void {
  const wanted = fold(input!.value).split(/\s+/).filter(Boolean);
  const all = [...document.querySelectorAll<HTMLElement>("[data-key][data-key-label]:not([data-find])")];
  const fits = all.filter((e) => {
    const words = fold(e.dataset.keyLabel!).split(/\s+/);
    return !e.closest("[hidden]") && wanted.every((w) => words.some((word) => word.startsWith(w)));
  });
  const known = new Map(fits.map((e) => [e.dataset.keyLabel!, e]));
  if (!known.size) return;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", list!.dataset.commands!);
  const head = Object.assign(document.createElement("p"), { className: "find-group", textContent: list!.dataset.commands! });
  head.setAttribute("role", "presentation");
  group.append(head, ...[...known.values()].map(commandOf));
  list!.querySelector(".find-none")?.remove();
  const rest = list!.querySelector("[data-ways], [data-all]")?.closest("[role=group]");
  if (rest) rest.before(group);
  else (list!.firstElementChild ?? list!).append(group);
}

function choose(option: HTMLElement, event: Event): void {
  const apart = event instanceof KeyboardEvent && (event.ctrlKey || event.metaKey);
  if (event instanceof KeyboardEvent && !(option instanceof HTMLAnchorElement)) return option.click();
  if (!(option instanceof HTMLAnchorElement)) {
    dialog!.close();
    option.dispatchEvent(new Event("choose"));
  } else if (apart) window.open(option.href, "_blank", "noopener");
  else if (event instanceof KeyboardEvent) {
    dialog!.close();
    location.assign(option.href);
  }
}

if (dialog && input && list) {
  const url = (): string => `/find/?${new URLSearchParams(input.value.trim() ? { q: input.value } : { recent: lately().join(",") })}`;
  const told = dialog.querySelector<HTMLElement>("[role=status]");
  const choices = new Choices({ input, list, told, url, choose, shown: commands });
  const open = (event: Event): void => {
    event.preventDefault();
    dialog.showModal();
    input.select();
    void choices.refresh();
  };
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    if (target.closest("[data-find]") && !(event as MouseEvent).ctrlKey && !(event as MouseEvent).metaKey) open(event);
    else if (target === dialog) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    const inside = (event.target as Element).closest("input, textarea, select, [contenteditable], dialog[open] *");
    if (event.key === "/" && !inside && !event.defaultPrevented && document.body.dataset.keys === "on") open(event);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return; // a search field would only be emptied
    event.preventDefault();
    dialog.close();
  });
  document.addEventListener("visit", note);
  note();
}
