// One registry of keys: elements with data-key are clicked or focused by it; `?` lists them. Single keys only outside inputs.
import { toast } from "./toast";

const typing = "input, textarea, select, [contenteditable], dialog[open] *";
let pending = "";

export function keyOf(event: KeyboardEvent): string {
  const latin = /^[\x20-\x7e]$/.test(event.key) ? event.key : event.code.replace(/^Key/, "").toLowerCase();
  const base = event.key.length > 1 ? event.key : latin;
  return (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + base;
}

export function move(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-rows] .row, [data-rows] [data-row]")];
  if (!rows.length) return;
  const shown = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const here = document.activeElement?.closest("tr, [data-pick-row]")?.querySelector("[data-row]") ?? document.activeElement;
  const current = shown < 0 ? rows.findIndex((row) => row === here) : shown;
  const next = rows[Math.max(0, Math.min(rows.length - 1, current + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  const isReading = document.querySelector(".shell")?.getAttribute("data-pane") === "main";
  if (isReading && next?.matches("a[data-visit]") && next !== rows[current]) next.click();
}

// True when a single key is a command here: not while typing, in a dialog, or where keys are turned off.
export function isFree(event: KeyboardEvent): boolean {
  const off = document.body.dataset.keys === "off" || event.altKey || event.ctrlKey || event.metaKey;
  const target = event.target as Element;
  return !off && (!target.closest(typing) || (target.matches("[name=pick]") && !target.closest("dialog[open]")));
}

function sheet(): void {
  const list = document.querySelector<HTMLElement>("[data-key-sheet]");
  const dialog = list?.closest("dialog");
  if (!list || !dialog) return;
  const rows = [...document.querySelectorAll<HTMLElement>("[data-key]")].filter((e) => e.dataset.keyLabel || e.textContent?.trim());
  const seen = new Map(rows.map((e) => [e.dataset.key!, e.dataset.keyLabel || e.textContent!.trim()]));
  list.replaceChildren(
    ...[...seen].map(([key, label]) => {
      const row = document.createElement("div");
      const [name, what] = [document.createElement("dt"), document.createElement("dd")];
      name.append(...key.split(" ").map((k) => Object.assign(document.createElement("kbd"), { textContent: k })));
      what.textContent = label;
      row.append(name, what);
      return row;
    }),
  );
  dialog.showModal();
}

function press(element: HTMLElement): void {
  if (element.matches("input, textarea")) element.focus();
  else element.click();
}

document.addEventListener("keydown", (event) => {
  const key = keyOf(event);
  const target = event.target as Element;
  const inside = target.closest(typing);
  const single = !key.startsWith("Ctrl+");
  if (inside && single) return;
  if (single && (document.body.dataset.keys === "off" || event.altKey)) return;
  const chord = pending ? `${pending} ${key}` : key;
  pending = key === "g" && !pending ? "g" : "";
  const visible = [...document.querySelectorAll<HTMLElement>("[data-key]")].filter(
    (e) => e.dataset.key === chord && !e.closest("[hidden]"),
  );
  const row = document.activeElement?.closest("[data-opens], [data-pick-row], tr"); // the row one stands on goes first
  const chosen = visible.find((e) => row?.contains(e)) ?? visible.find((e) => e.closest(".main-pane")) ?? visible[0];
  if (chosen) {
    event.preventDefault();
    press(chosen);
  } else if (chord === "j" || chord === "k") {
    event.preventDefault();
    move(chord === "j" ? 1 : -1);
  } else if (chord === "?") {
    event.preventDefault();
    sheet();
  } else if (chord === "z") {
    const undo = document.querySelector<HTMLButtonElement>("[data-toast-undo]:not([hidden])");
    if (undo) undo.click();
    else toast({ text: document.body.dataset.nothingToUndo ?? "–", kind: "info" });
  }
});
