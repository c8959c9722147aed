// [data-grid] is a table of inputs driven by keys: there is always an empty row at the end. Enter goes to what a line still needs,
// arrows go between rows, Alt+N, Alt+D, Alt+X and Alt+Z add, double, remove and bring back a row; Alt+A takes the price from another
// agreement. What is pasted fills the cells: a spreadsheet's cells at once, a mail's words by [data-read], which answers rows.
import htmx from "./htmx";
import { csrfToken } from "./htmx";
import * as suggest from "./suggest";
import { toast } from "./toast";

let serial = 0;
let removed: { values: string[]; before: Element | null } | undefined;

export const cells = (row: Element): HTMLInputElement[] => [...row.querySelectorAll<HTMLInputElement>("input[name]")];
export const rows = (grid: Element): Element[] => [...grid.querySelectorAll("tbody > [data-grid-row]")];
const gridOf = (element: Element): Element => element.closest("[data-grid]")!;
const rowOf = (element: Element): Element => element.closest("[data-grid-row]")!;
const isDay = (cell: HTMLInputElement): boolean => cell.hasAttribute("data-carried");
const isEmpty = (row: Element): boolean => cells(row).every((cell) => isDay(cell) || !cell.value);

function changed(grid: Element): void {
  rows(grid).forEach((row, index) => {
    const shown = row.querySelector("[data-grid-number]");
    if (shown) shown.textContent = String(index + 1);
    for (const cell of cells(row)) cell.id ||= `cell-${++serial}`;
  });
  grid.dispatchEvent(new CustomEvent("grid:changed", { bubbles: true }));
}

function blank(grid: Element): Element {
  return grid.querySelector<HTMLTemplateElement>("template")!.content.firstElementChild!.cloneNode(true) as Element;
}

function put(grid: Element, row: Element, before: Element | null): Element {
  grid.querySelector("tbody")!.insertBefore(row, before);
  htmx.process(row);
  changed(grid);
  return row;
}

const ask = (row: Element): void => void cells(row)[0]?.dispatchEvent(new Event("change", { bubbles: true }));

// The day of a line is most often the day of the next ones: empty rows below take it over.
export function carryDay(grid: Element, from: HTMLInputElement): void {
  const all = rows(grid);
  for (const row of all.slice(all.indexOf(rowOf(from)) + 1)) {
    const day = cells(row).find(isDay);
    if (day && isEmpty(row)) day.value = from.value;
  }
}

function keepOneEmpty(grid: Element): void {
  const last = rows(grid).at(-1);
  if (last && isEmpty(last)) return;
  put(grid, blank(grid), null);
  const day = last && cells(last).find(isDay);
  if (day) carryDay(grid, day);
}

function fill(grid: Element, start: HTMLInputElement, text: string): void {
  let row = rowOf(start);
  const column = cells(row).indexOf(start);
  for (const line of text.replace(/\r/g, "").replace(/\n+$/, "").split("\n")) {
    const inputs = cells(row);
    line.split("\t").forEach((part, index) => {
      if (inputs[column + index]) inputs[column + index]!.value = part.trim();
    });
    ask(row);
    row = row.nextElementSibling ?? put(grid, blank(grid), null);
  }
  keepOneEmpty(grid);
}

async function read(grid: HTMLElement, at: Element | undefined, body: FormData): Promise<void> {
  grid.setAttribute("aria-busy", "true");
  const answer = await fetch(grid.dataset.read!, { method: "POST", headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" }, body });
  grid.removeAttribute("aria-busy");
  const told = answer.headers.get("X-Told");
  if (told) toast({ text: decodeURIComponent(told), kind: answer.ok ? "info" : "bad" });
  if (!answer.ok) return;
  const found = document.createElement("template");
  found.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`;
  const made = [...found.content.querySelectorAll("[data-grid-row]")];
  if (!made.length) return;
  const here = at ?? rows(grid).find(isEmpty);
  const next = here && isEmpty(here) ? here.nextElementSibling : (here?.nextElementSibling ?? null);
  if (here && isEmpty(here)) here.remove();
  for (const row of made) put(grid, row, next);
  keepOneEmpty(grid);
  cells(rows(grid).at(-1)!)[0]?.focus();
}

document.addEventListener("paste", (event) => {
  const input = event.target as HTMLInputElement;
  const grid = input.closest?.<HTMLElement>("[data-grid]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!grid || !input.name || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const lines = text.trim().split("\n");
  if (lines.every((line) => line.includes("\t")) && /\d/.test(lines[0]!)) return fill(grid, input, text);
  const body = new FormData();
  body.set("text", text);
  void read(grid, rowOf(input), body);
});

document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (!input.matches?.("[data-grid-file]") || !input.files?.[0]) return;
  const grid = document.querySelector<HTMLElement>("[data-grid]")!;
  const body = new FormData();
  body.set("file", input.files[0]);
  input.value = "";
  void read(grid, undefined, body);
});

document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  const grid = input.closest?.("[data-grid]");
  if (!grid || !input.name) return;
  keepOneEmpty(grid);
  if (isDay(input)) carryDay(grid, input);
});

// Enter goes to the next cell that still needs something: a line with a part, a quantity and a day is done.
function onward(input: HTMLInputElement): void {
  const row = rowOf(input);
  const inputs = cells(row);
  const rest = inputs.slice(inputs.indexOf(input) + 1);
  const next = rest.find((cell) => "needed" in cell.dataset && !cell.value) ?? cells(row.nextElementSibling ?? row)[0];
  next?.focus();
  next?.select();
}

function upDown(input: HTMLInputElement, step: number): void {
  const row = rowOf(input);
  const other = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const cell = other && cells(other)[cells(row).indexOf(input)];
  cell?.focus();
  cell?.select();
}

function remove(row: Element): void {
  const grid = gridOf(row);
  const next = row.nextElementSibling ?? row.previousElementSibling;
  removed = { values: cells(row).map((cell) => cell.value), before: row.nextElementSibling };
  row.remove();
  keepOneEmpty(grid);
  changed(grid);
  cells(next ?? rows(grid)[0]!)[0]?.focus();
}

function bringBack(grid: Element): void {
  if (!removed) return;
  const { values, before } = removed;
  removed = undefined;
  const row = put(grid, blank(grid), before?.isConnected ? before : null);
  cells(row).forEach((cell, index) => (cell.value = values[index] ?? ""));
  ask(row);
  cells(row)[0]?.focus();
}

function double(row: Element): void {
  const made = blank(gridOf(row));
  cells(row).forEach((cell, index) => (cells(made)[index]!.value = cell.value));
  put(gridOf(row), made, row.nextElementSibling);
  ask(made);
  cells(made)[1]?.focus();
  cells(made)[1]?.select();
}

const KEYS: Record<string, (row: Element) => void> = {
  KeyN: (row) => cells(put(gridOf(row), blank(gridOf(row)), row))[0]?.focus(),
  KeyD: double,
  KeyX: remove,
  KeyA: (row) => row.querySelector<HTMLElement>("[data-take=unit_price]")?.click(),
  KeyZ: (row) => bringBack(gridOf(row)),
};

document.addEventListener("keydown", (event) => {
  const input = event.target as HTMLInputElement;
  const grid = input.closest?.("[data-grid]");
  if (!grid || !input.name || event.isComposing) return;
  if (event.altKey && !event.ctrlKey && !event.metaKey && KEYS[event.code]) {
    event.preventDefault();
    KEYS[event.code]!(rowOf(input));
  } else if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  } else if (suggest.key(input, event)) {
    event.preventDefault();
    event.stopPropagation();
  } else if (event.key === "Enter") {
    event.preventDefault();
    onward(input);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    upDown(input, event.key === "ArrowDown" ? 1 : -1);
  }
});

document.addEventListener("click", (event) => {
  const row = (event.target as Element).closest("[data-grid-remove]")?.closest("[data-grid-row]");
  if (row?.closest("[data-grid]")) remove(row);
});

for (const grid of document.querySelectorAll("[data-grid]")) changed(grid);
