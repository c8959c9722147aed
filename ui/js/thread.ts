// A case opens at its newest message, and stays there while messages come in; whoever reads above is told of them instead.
export {};

const NEAR = 90;
let wasNear = true;
let lastSeen = "";
let sentAt = 0;

const pane = (): HTMLElement | null => document.querySelector<HTMLElement>(".main-pane:has(> .thread)");
const last = (): HTMLElement | undefined => [...document.querySelectorAll<HTMLElement>(".thread > .message")].at(-1);
const mark = (): HTMLElement | null => document.querySelector<HTMLElement>("[data-thread-new]");
const isNear = (box: HTMLElement): boolean => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;

function toNewest(): void {
  const box = pane();
  const message = last();
  if (!box || !message) return;
  box.scrollTop = box.scrollHeight;
  const head = box.querySelector(".main-head")?.getBoundingClientRect().bottom ?? 0;
  const above = head + 12 - message.getBoundingClientRect().top;
  if (above > 0) box.scrollTop -= above;
  const told = mark();
  if (told) told.hidden = true;
}

function opened(): void {
  lastSeen = last()?.id ?? "";
  if (!location.hash && !new URLSearchParams(location.search).has("all")) toNewest();
}

document.addEventListener("htmx:before:swap", () => {
  const box = pane();
  if (box) wasNear = isNear(box);
});

document.addEventListener("htmx:after:swap", () => {
  const newest = last();
  if (!newest || newest.id === lastSeen) return;
  const isFirst = !lastSeen;
  lastSeen = newest.id;
  const told = mark();
  if (isFirst || wasNear || Date.now() - sentAt < 10_000) toNewest();
  else if (told) told.hidden = false;
});

document.addEventListener("submit", (event) => {
  if ((event.target as Element).closest("[data-composer]")) sentAt = Date.now();
});

document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("[data-thread-new]")) toNewest();
});

document.addEventListener("visit", opened);
document.addEventListener(
  "scroll",
  (event) => {
    const told = mark();
    if (told && !told.hidden && event.target === pane() && isNear(event.target as HTMLElement)) told.hidden = true;
  },
  { capture: true, passive: true },
);
opened();
