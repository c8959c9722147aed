// form[data-entry="url"] is kept on the server while it is typed; the answer says what stands against it. What the lines come to is added up.
import { carryDay } from "./grid";
import { csrfToken } from "./htmx";
import { toast } from "./toast";

const WAIT = 600;
let timer = 0;
let asking: AbortController | undefined;
let saved = "";

const form = (): HTMLFormElement | null => document.querySelector<HTMLFormElement>("form[data-entry]");

function told(of: HTMLFormElement): URLSearchParams {
  const pairs = [...new FormData(of)].filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return new URLSearchParams(pairs);
}

async function keep(): Promise<void> {
  const of = form();
  clearTimeout(timer);
  timer = 0;
  if (!of) return;
  const body = told(of);
  if (body.toString() === saved) return;
  asking?.abort();
  const mine = (asking = new AbortController());
  const mark = of.querySelector<HTMLElement>("[data-saved]");
  try {
    const keepalive = body.toString().length < 60_000;
    const headers = { "X-CSRFToken": csrfToken(), "HX-Request": "true" };
    const answer = await fetch(of.dataset.entry!, { method: "POST", keepalive, headers, body, signal: mine.signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    saved = body.toString();
    of.querySelector("[data-guards]")!.innerHTML = await answer.text();
    if (mark) [mark.textContent, mark.dataset.state] = [mark.dataset.saved ?? "", "saved"];
  } catch (error) {
    if ((error as Error).name === "AbortError") return;
    if (mark) [mark.textContent, mark.dataset.state] = [mark.dataset.failed ?? "", "failed"];
  }
}

function soon(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void keep(), WAIT);
}

// What the lines come to, as the offers say it.
function add(): void {
  const sum = document.querySelector<HTMLElement>("[data-sum]");
  if (!sum) return;
  const nets = [...document.querySelectorAll<HTMLElement>("[data-grid] tbody [data-net]")];
  const total = nets.reduce((before, one) => before + Number(one.dataset.net), 0);
  const style = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: sum.dataset.sum });
  sum.textContent = style.format(total);
  const lines = document.querySelector<HTMLElement>("[data-sum-lines]");
  if (lines) lines.textContent = String(nets.length);
}

// A day said as «+10» is written as the day it means, once somebody has left its cell.
function settle(row: Element): void {
  const meant = row.querySelector<HTMLElement>("[data-day]")?.dataset.day;
  const cell = row.querySelector<HTMLInputElement>("[data-carried]");
  if (!meant || !cell || document.activeElement === cell || /^[\d.]+$/.test(cell.value)) return;
  cell.value = meant;
  carryDay(row.closest("[data-grid]")!, cell);
}

document.addEventListener("input", (event) => {
  if ((event.target as Element).closest("form[data-entry]")) soon();
});
document.addEventListener("grid:changed", () => {
  add();
  soon();
});
document.addEventListener("htmx:after:swap", () => {
  for (const row of document.querySelectorAll("form[data-entry] tbody > [data-grid-row]")) settle(row);
  add();
});
document.addEventListener("submit", (event) => {
  if ((event.target as Element).matches("form[data-entry]")) {
    clearTimeout(timer);
    timer = 0;
    asking?.abort();
  }
});
for (const name of ["pagehide", "leaving"]) addEventListener(name, () => timer && void keep());
document.addEventListener("leaving", () => timer && void keep());
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-take]");
  const row = button?.closest("[data-grid-row]");
  const cell = row?.querySelector<HTMLInputElement>(`input[name=${button!.dataset.take}]`);
  if (!button || !cell) return;
  cell.value = button.dataset.value ?? "";
  for (const name of ["input", "change"]) cell.dispatchEvent(new Event(name, { bubbles: true }));
  if (!row!.contains(document.activeElement) || document.activeElement === button) cell.focus();
  toast({ text: button.title, kind: "ok" });
});
