// [data-provenance] holds a document's pages and what was read from them: the place of the value that has the focus lights up, and a
// click on a place goes to its value. In [data-truth] the keys a, n and c decide the row that has the focus; the next open row follows.
const FIELDS: Record<string, string> = { part: "part", quantity: "quantity", requested_on: "requested_on", unit_price: "unit_price" };
const WITH: Record<string, string> = { unit_price: "discount" };
const INSTEAD: Record<string, string> = { part: "description" };

function number(form: Element): void {
  if (form.hasAttribute("data-numbered")) return;
  form.querySelectorAll<HTMLElement>("tbody [data-grid-row]").forEach((row, index) => (row.dataset.source = String(index)));
  form.setAttribute("data-numbered", "");
}

function places(form: Element, field: string, line: string): SVGElement[] {
  const found = [...form.querySelectorAll<SVGElement>(`.paper rect[data-field="${field}"]`)];
  const own = found.filter((place) => place.dataset.line === line);
  if (own.length && WITH[field]) return [...own, ...places(form, WITH[field]!, line)];
  if (own.length || !line) return own;
  if (INSTEAD[field]) return places(form, INSTEAD[field]!, line);
  return field === "requested_on" ? found.filter((place) => place.dataset.line === "") : [];
}

function light(form: Element, field: string, line: string): void {
  form.querySelectorAll("[data-lit]").forEach((place) => place.removeAttribute("data-lit"));
  const shown = places(form, field, line);
  shown.forEach((place) => place.setAttribute("data-lit", ""));
  const paper = form.querySelector<HTMLElement>("[data-paper]");
  const first = shown[0]?.getBoundingClientRect();
  if (!paper || !first) return;
  const frame = paper.getBoundingClientRect();
  const room = Math.min(80, frame.height / 6);
  if (first.top < frame.top + room || first.bottom > frame.bottom - room) paper.scrollTop += first.top - frame.top - frame.height / 3;
}

function show(target: Element): void {
  const form = target.closest?.("[data-provenance]");
  if (!form) return;
  number(form);
  const said = target.closest<HTMLElement>("[data-place]");
  if (said) return light(form, said.dataset.place!, said.dataset.placeLine ?? "");
  const input = target as HTMLInputElement;
  const row = input.closest<HTMLElement>("[data-grid-row]");
  if (row) light(form, FIELDS[input.name] ?? "", row.dataset.source ?? "none");
  else if (input.dataset.from) light(form, input.dataset.from, "");
}

// The value that was read at a place: the grid's cell, the header's field, or the row of a difference.
function valueAt(form: Element, place: SVGElement): HTMLElement | null {
  const { field, line } = place.dataset;
  const name = field === "description" ? "part" : field === "discount" ? "unit_price" : field;
  return (
    form.querySelector<HTMLElement>(`[data-place="${name}"][data-place-line="${line}"]`) ??
    form.querySelector<HTMLElement>(line ? `[data-source="${line}"] [name="${name}"]` : `[data-from="${name}"]`)
  );
}

const undecided = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-truth] tr[data-open]")];
let last = "";

// Once a row is decided the focus goes to the next one that is open.
function onward(): void {
  const here = document.activeElement;
  if (here !== document.body && !here?.closest("[data-truth]")) return;
  const row = here?.closest<HTMLElement>("tr[data-row]") ?? (last ? document.getElementById(last) : null);
  if (row?.matches("[data-open]") && here?.closest("[data-truth]")) return;
  const after = undecided().filter((one) => !row || row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
  (after[0] ?? undecided()[0])?.focus();
}

document.addEventListener("focusin", (event) => {
  const target = event.target as Element;
  show(target);
  last = target.closest("[data-truth] tr[data-row]")?.id || last;
});
document.addEventListener("click", (event) => {
  const place = (event.target as Element).closest<SVGElement>(".paper rect[data-field]");
  const form = place?.closest("[data-provenance]");
  if (place && form) valueAt(form, place)?.focus();
});
document.addEventListener("htmx:after:swap", () => document.querySelector("[data-truth]") && onward());
document.querySelectorAll("[data-provenance]").forEach((form) => {
  number(form);
  undecided()[0]?.focus();
  if (document.activeElement) show(document.activeElement);
});

document.addEventListener("keydown", (event) => {
  const row = (event.target as Element).closest?.("[data-truth] tr[data-row]");
  if (!row || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  const button = row.querySelector<HTMLButtonElement>(`[data-row-key="${CSS.escape(event.key)}"]`);
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  button.click();
});
