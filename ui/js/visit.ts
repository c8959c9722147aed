// Going from row to row (a[data-visit]) swaps the panes and leaves the list where it stands; the neighbours' panes are fetched
// ahead. What was fetched ahead is shown once; if it may be old by then, its fragments are fetched again behind it.
import { flush } from "./autosave";
import htmx from "./htmx";

type Ahead = { text: Promise<string | undefined>; at: number; heard: number };
const ahead = new Map<string, Ahead>();
const FRESH = 5_000;
const KEPT = 5 * 60_000;
const MOST = 20;
let shown = location.href;
let turn = 0;
let heard = 0;
let asking: AbortController | undefined;

const rows = (): HTMLAnchorElement[] => [...document.querySelectorAll<HTMLAnchorElement>("[data-rows] a[data-visit]")];
const pane = (): HTMLElement | null => document.querySelector<HTMLElement>(".main-pane");

async function panes(url: string, signal?: AbortSignal): Promise<string | undefined> {
  const answer = await fetch(url, { headers: { "X-Panes": "1" }, signal });
  return answer.ok && !answer.redirected && answer.headers.has("X-Panes") ? answer.text() : undefined;
}

function mark(url: string): void {
  for (const row of rows()) row.removeAttribute("aria-current");
  const row = rows().find((one) => one.href === url);
  row?.setAttribute("aria-current", "true");
  row?.removeAttribute("data-unread");
}

function fetchAhead(url: string): void {
  const known = ahead.get(url);
  if (known && Date.now() - known.at < KEPT) return;
  ahead.set(url, { text: panes(url).catch(() => undefined), at: Date.now(), heard });
  for (const old of [...ahead.keys()].slice(0, -MOST)) ahead.delete(old);
}

async function fetchNeighbours(left: string): Promise<void> {
  const mine = turn;
  await flush();
  const all = rows();
  const here = all.findIndex((row) => row.getAttribute("aria-current") === "true");
  if (here < 0 || mine !== turn || document.visibilityState === "hidden") return;
  for (const row of [all[here + 1], all[here - 1]]) if (row && row.href !== left) fetchAhead(row.href);
}

// Whoever goes down the list seldom turns back: what was just left is not fetched again.
const idle = (left: string): void => void (window.requestIdleCallback ?? setTimeout)(() => void fetchNeighbours(left));

function renew(): void {
  const topics = document.querySelector<HTMLElement>(".main-pane [data-live]")?.dataset.live?.split(" ") ?? [];
  for (const topic of topics) document.body.dispatchEvent(new CustomEvent(`live:${topic.replace(":", "-")}`));
}

async function show(url: string, text: string): Promise<void> {
  const target = pane()!;
  await htmx.swap({ text, target, sourceElement: target, swap: "innerHTML" });
  document.querySelector<HTMLElement>(".shell")?.setAttribute("data-pane", "main");
  mark(url);
  target.scrollTop = 0;
  document.dispatchEvent(new Event("visit"));
}

export async function visit(url: string, push = true): Promise<void> {
  const mine = ++turn;
  asking?.abort();
  asking = new AbortController();
  mark(url);
  const known = ahead.get(url);
  ahead.delete(url);
  const used = known && Date.now() - known.at < KEPT ? known : undefined;
  const text = await (used?.text ?? panes(url, asking.signal)).catch(() => undefined);
  if (mine !== turn) return;
  if (text === undefined) return location.assign(url);
  document.dispatchEvent(new Event("leaving"));
  if (push) history.pushState({ visit: true }, "", url);
  const left = shown;
  shown = url;
  await show(url, text);
  if (used && (used.heard !== heard || Date.now() - used.at > FRESH)) renew();
  idle(left);
}

document.addEventListener("click", (event) => {
  const row = (event.target as Element).closest<HTMLAnchorElement>("a[data-visit]");
  if (!row || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (row.href !== location.href) void visit(row.href);
});

window.addEventListener("popstate", () => {
  if (rows().some((row) => row.href === location.href)) void visit(location.href, false);
  else location.reload();
});

document.addEventListener("live", (event) => {
  if ((event as CustomEvent<string[]>).detail.some((topic) => !topic.startsWith("presence"))) heard++;
});
if (pane()) idle("");
