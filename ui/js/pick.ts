// Rows with a [name=pick] box are chosen by x, Shift+j and Shift+k or a click; the bar says how many and acts on them all.
import { isFree, keyOf, move } from "./keys";

const picked = new Set<string>();
let last: HTMLInputElement | undefined;

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("[data-rows] input[name=pick]")];
}

function show(): void {
  const there = boxes();
  const known = new Set(there.map((box) => box.value));
  for (const value of picked) if (!known.has(value)) picked.delete(value);
  for (const box of there) box.checked = picked.has(box.value);
  const all = document.querySelector<HTMLInputElement>("[data-pick-all]");
  if (all) {
    all.checked = picked.size > 0 && picked.size === there.length;
    all.indeterminate = picked.size > 0 && picked.size < there.length;
  }
  const bar = document.querySelector<HTMLElement>("[data-pick-bar]");
  if (!bar) return;
  bar.hidden = picked.size === 0;
  bar.querySelector("[data-pick-count]")!.textContent = String(picked.size);
  const query = [...picked].map((value) => `pick=${value}`).join("&");
  for (const way of bar.querySelectorAll<HTMLElement>("[data-pick-url]")) {
    const url = `${way.dataset.pickUrl}?${query}`;
    if (way instanceof HTMLAnchorElement) way.href = url;
    else way.dataset.dialog = url;
  }
}

function set(box: HTMLInputElement | undefined, on: boolean): void {
  if (!box) return;
  if (on) picked.add(box.value);
  else picked.delete(box.value);
  last = box;
}

function focused(): HTMLInputElement | undefined {
  return document.activeElement?.closest("tr, [data-pick-row]")?.querySelector<HTMLInputElement>("input[name=pick]") ?? undefined;
}

document.addEventListener("click", (event) => {
  const target = event.target as Element;
  if (target.matches("[data-pick-all]")) {
    for (const box of boxes()) set(box, (target as HTMLInputElement).checked);
  } else if (target.matches("[data-rows] input[name=pick]")) {
    const box = target as HTMLInputElement;
    const [there, on] = [boxes(), box.checked];
    const from = last && (event as MouseEvent).shiftKey ? there.indexOf(last) : -1;
    const to = there.indexOf(box);
    for (const one of from < 0 ? [box] : there.slice(Math.min(from, to), Math.max(from, to) + 1)) set(one, on);
  } else if (target.closest("[data-pick-none]")) picked.clear();
  else return;
  show();
});

document.addEventListener("keydown", (event) => {
  if (!document.querySelector("[data-pick-bar]") || !isFree(event)) return;
  const key = keyOf(event);
  if (key === "Escape" && picked.size) picked.clear();
  else if (key === "x") {
    if (!focused()) move(1);
    const box = focused();
    set(box, !!box && !picked.has(box.value));
  } else if (event.shiftKey && (key === "J" || key === "K")) {
    set(focused(), true);
    move(key === "J" ? 1 : -1);
    set(focused(), true);
  } else return;
  event.preventDefault();
  show();
});

document.addEventListener("htmx:after:swap", show);
document.addEventListener("pageshow", show);
