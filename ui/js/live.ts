// One stream a browser: the tab that holds the lock reads it and tells the others; each page names what it wants to hear
// in data-live, and hears `live:case-42` on the body.
const channel = new BroadcastChannel("comptoir-live");
const wanted = new Map<string, number>();
let source: EventSource | undefined;
let leading = false;
let opened = "";
const STALE = 90_000;
const OVERLAP = 3_000; // what was fetched while a stream was opened anew is asked for by so much again

function mine(): string[] {
  const named = [...document.querySelectorAll<HTMLElement>("[data-live]")].flatMap((e) => (e.dataset.live ?? "").split(/\s+/));
  return [...new Set(named.filter(Boolean))];
}

function hear(topics: string[]): void {
  if (topics.length) document.dispatchEvent(new CustomEvent("live", { detail: topics }));
  for (const topic of topics.includes("reset") ? [...mine(), "reset"] : topics) {
    document.body.dispatchEvent(new CustomEvent(`live:${topic.replace(":", "-")}`, { bubbles: true }));
  }
}

function offline(state: boolean): void {
  const bar = document.querySelector<HTMLElement>(".offline");
  if (bar) bar.hidden = !state;
}

// `age` is how long ago the page that asks was asked for: what happened since is told at once.
function open(age = OVERLAP): void {
  const now = Date.now();
  for (const topic of mine()) wanted.set(topic, now);
  for (const [topic, seen] of wanted) if (now - seen > STALE) wanted.delete(topic);
  const topics = [...wanted.keys()].sort().join(",");
  if (!leading || (topics === opened && source)) return;
  source?.close();
  opened = topics;
  let fresh = true;
  source = new EventSource(`/live?topics=${encodeURIComponent(topics)}&age=${Math.ceil(age)}`);
  source.addEventListener("message", (event) => {
    const told = JSON.parse(event.data as string) as string[];
    channel.postMessage({ told });
    hear(told);
  });
  source.addEventListener("reset", () => {
    offline(false);
    if (!fresh) {
      channel.postMessage({ told: ["reset"] });
      hear(["reset"]);
    }
    fresh = false;
  });
  source.addEventListener("error", () => offline(true));
}

channel.addEventListener("message", (event: MessageEvent<{ told?: string[]; ask?: string[]; age?: number }>) => {
  if (event.data.told) hear(event.data.told);
  if (event.data.ask) {
    for (const topic of event.data.ask) wanted.set(topic, Date.now());
    open(event.data.age);
  }
});

function ask(age = OVERLAP): void {
  channel.postMessage({ ask: mine(), age });
  open(age);
}

if (document.querySelector("[data-live]")) {
  ask(performance.now());
  setInterval(ask, 30_000);
  document.addEventListener("htmx:after:swap", () => ask());
  void navigator.locks.request("comptoir-live", () => {
    leading = true;
    open(performance.now());
    return new Promise(() => undefined);
  });
}
