// A cell [data-suggest="url"] offers what its text may mean in the grid's one list: arrows move, Enter or Tab takes, Escape closes.
const WAIT = 80;
let timer = 0;
let asking: AbortController | undefined;

const listOf = (input: Element): HTMLElement | null =>
  input.closest("[data-grid]")?.querySelector<HTMLElement>("[data-suggestions]") ?? null;
const optionsOf = (list: HTMLElement): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[role=option]")];

export const isOpen = (input: Element): boolean => Boolean(listOf(input) && !listOf(input)!.hidden && listOf(input)!.dataset.of === input.id);

export function close(input: HTMLInputElement): void {
  clearTimeout(timer);
  asking?.abort();
  const list = listOf(input);
  if (list) list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

async function ask(input: HTMLInputElement): Promise<void> {
  asking?.abort();
  const list = listOf(input);
  if (!list || !input.value.trim()) return close(input);
  const mine = (asking = new AbortController());
  try {
    const url = `${input.dataset.suggest!}&part=${encodeURIComponent(input.value)}`;
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: mine.signal });
    if (!answer.ok || answer.redirected || document.activeElement !== input) return;
    list.innerHTML = await answer.text();
  } catch {
    return;
  }
  open(input, list);
}

function open(input: HTMLInputElement, list: HTMLElement): void {
  optionsOf(list).forEach((option, index) => (option.id = `suggestion-${index}`));
  list.dataset.of = input.id;
  list.hidden = !optionsOf(list).length;
  const [cell, card] = [input.getBoundingClientRect(), list.offsetParent?.getBoundingClientRect()];
  if (card) [list.style.left, list.style.top] = [`${cell.left - card.left}px`, `${cell.bottom - card.top + 2}px`];
  input.setAttribute("aria-expanded", String(!list.hidden));
}

function mark(input: HTMLInputElement, step: number): void {
  const list = listOf(input)!;
  const all = optionsOf(list);
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = now < 0 ? (step > 0 ? 0 : all.length - 1) : (now + step + all.length) % all.length;
  all.forEach((option, index) => option.setAttribute("aria-selected", String(index === next)));
  all[next]?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", all[next]?.id ?? "");
}

function take(input: HTMLInputElement, option: HTMLElement): void {
  input.value = option.dataset.value ?? "";
  close(input);
  for (const name of ["input", "change"]) input.dispatchEvent(new Event(name, { bubbles: true }));
  clearTimeout(timer);
}

// True when the key was about the list and the grid has nothing more to do with it.
export function key(input: HTMLInputElement, event: KeyboardEvent): boolean {
  if (!isOpen(input)) return false;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    mark(input, event.key === "ArrowDown" ? 1 : -1);
    return true;
  }
  if (event.key === "Escape") {
    close(input);
    return true;
  }
  const chosen = optionsOf(listOf(input)!).find((option) => option.getAttribute("aria-selected") === "true");
  if (chosen && (event.key === "Enter" || event.key === "Tab")) take(input, chosen);
  else if (event.key === "Enter") close(input);
  return false;
}

document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  if (!input.dataset?.suggest) return;
  clearTimeout(timer);
  if (event.isTrusted) timer = window.setTimeout(() => void ask(input), WAIT);
});
document.addEventListener("focusout", (event) => {
  const input = event.target as HTMLInputElement;
  if (input.dataset?.suggest) close(input);
});
document.addEventListener("mousedown", (event) => {
  if ((event.target as Element).closest("[data-suggestions]")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = (event.target as Element).closest<HTMLElement>("[data-suggestions] [role=option]");
  const input = document.activeElement;
  if (option && input instanceof HTMLInputElement && input.dataset.suggest) take(input, option);
});
