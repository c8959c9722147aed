// [data-grid] is a table of inputs: there is always an empty row at the end, Enter goes on to the next cell, and what is pasted
// from a spreadsheet is split into the cells. A pasted day like 1.12.2026 becomes what a date input takes.
import htmx from "./htmx";

const cells = (row: Element): HTMLInputElement[] => [...row.querySelectorAll<HTMLInputElement>("input[name]")];
const rows = (grid: Element): Element[] => [...grid.querySelectorAll("[data-grid-row]")];

function add(grid: Element): Element | undefined {
  const made = grid.querySelector<HTMLTemplateElement>("template")?.content.firstElementChild?.cloneNode(true) as Element | undefined;
  if (!made) return undefined;
  grid.querySelector("tbody")!.append(made);
  htmx.process(made);
  number(grid);
  return made;
}

function number(grid: Element): void {
  rows(grid).forEach((row, index) => {
    const shown = row.querySelector("[data-grid-number]");
    if (shown) shown.textContent = String(index + 1);
  });
}

const isEmpty = (row: Element): boolean => cells(row).every((cell) => cell.type === "date" || !cell.value);

// The day of a line is most often the day of the next ones: empty rows below take it over.
function carryDay(grid: Element, from: HTMLInputElement): void {
  const all = rows(grid);
  for (const row of all.slice(all.indexOf(from.closest("[data-grid-row]")!) + 1)) {
    const day = cells(row).find((cell) => cell.name === from.name);
    if (day && isEmpty(row)) day.value = from.value;
  }
}

function keepOneEmpty(grid: Element): void {
  const last = rows(grid).at(-1);
  if (last && isEmpty(last)) return;
  add(grid);
  const day = last && cells(last).find((cell) => cell.type === "date");
  if (day) carryDay(grid, day);
}

function asCell(input: HTMLInputElement, text: string): string {
  const day = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(text.trim());
  if (input.type !== "date" || !day) return text.trim();
  return `${day[3]}-${day[2]!.padStart(2, "0")}-${day[1]!.padStart(2, "0")}`;
}

function fill(grid: Element, start: HTMLInputElement, text: string): void {
  let row: Element | undefined = start.closest("[data-grid-row]")!;
  const column = cells(row).indexOf(start);
  const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
  for (const line of lines) {
    const inputs = cells(row);
    line.split("\t").forEach((part, index) => {
      const input = inputs[column + index];
      if (input) input.value = asCell(input, part);
    });
    inputs[column]?.dispatchEvent(new Event("change", { bubbles: true }));
    row = (row.nextElementSibling?.matches("[data-grid-row]") ? row.nextElementSibling : add(grid)) ?? row;
  }
  keepOneEmpty(grid);
}

document.addEventListener("paste", (event) => {
  const input = event.target as HTMLInputElement;
  const grid = input.closest?.("[data-grid]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!grid || !input.name || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  fill(grid, input, text);
});

document.addEventListener("input", (event) => {
  const input = event.target as HTMLInputElement;
  const grid = input.closest("[data-grid]");
  if (!grid) return;
  keepOneEmpty(grid);
  if (input.type === "date") carryDay(grid, input);
});

document.addEventListener("keydown", (event) => {
  const input = event.target as HTMLInputElement;
  const grid = input.closest?.("[data-grid]");
  if (!grid || event.key !== "Enter" || event.ctrlKey || event.metaKey || !input.name) return;
  event.preventDefault();
  const all = rows(grid).flatMap(cells);
  all[all.indexOf(input) + 1]?.focus();
});

document.addEventListener("click", (event) => {
  const row = (event.target as Element).closest("[data-grid-remove]")?.closest("[data-grid-row]");
  const grid = row?.closest("[data-grid]");
  if (!row || !grid) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  keepOneEmpty(grid);
  number(grid);
  (next && cells(next)[0])?.focus();
});
