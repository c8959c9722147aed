// [data-provenance] holds a document's pages and the grid they fill: the place of the value that has the focus lights up.
// In [data-truth] the keys a and c decide the row that has the focus.
const FIELDS: Record<string, string> = { part: "part", quantity: "quantity", requested_on: "requested_on", unit_price: "unit_price" };

function number(form: Element): void {
  form.querySelectorAll<HTMLElement>("tbody [data-grid-row]:not([data-source])").forEach((row, index) => {
    if (!form.hasAttribute("data-numbered")) row.dataset.source = String(index);
  });
  form.setAttribute("data-numbered", "");
}

function light(form: Element, field: string, line: string): void {
  form.querySelectorAll("[data-lit]").forEach((place) => place.removeAttribute("data-lit"));
  const own = [...form.querySelectorAll<SVGElement>(`.paper rect[data-field="${field}"]`)].filter((place) => place.dataset.line === line);
  const places = own.length || field !== "requested_on" ? own : [...form.querySelectorAll<SVGElement>(`.paper rect[data-field="${field}"][data-line=""]`)];
  const shown = places.length || field !== "part" ? places : [...form.querySelectorAll<SVGElement>(`.paper rect[data-field="description"][data-line="${line}"]`)];
  shown.forEach((place) => place.setAttribute("data-lit", ""));
  const paper = form.querySelector<HTMLElement>("[data-paper]");
  const first = shown[0]?.getBoundingClientRect();
  if (!paper || !first) return;
  const frame = paper.getBoundingClientRect();
  if (first.top < frame.top || first.bottom > frame.bottom) paper.scrollTop += first.top - frame.top - frame.height / 3;
}

function show(target: Element): void {
  const form = target.closest?.("[data-provenance]");
  const input = target as HTMLInputElement;
  if (!form || !input.name) return;
  number(form);
  const row = input.closest<HTMLElement>("[data-grid-row]");
  if (row) light(form, FIELDS[input.name] ?? "", row.dataset.source ?? "none");
  else if (input.dataset.from) light(form, input.dataset.from, "");
}

document.addEventListener("focusin", (event) => show(event.target as Element));
document.querySelectorAll("[data-provenance]").forEach((form) => {
  number(form);
  if (document.activeElement) show(document.activeElement);
});

document.addEventListener("keydown", (event) => {
  const row = (event.target as Element).closest?.("[data-truth] tr[data-row]");
  if (!row || event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).matches("input, textarea")) return;
  const button = row.querySelector<HTMLButtonElement>(`[data-row-key="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  button.click();
});
