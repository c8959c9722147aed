// Whoever looks at a case is seen there, and whoever writes: a beacon to [data-presence-url] now and then.
import { post } from "./htmx";

const place = (): string | undefined => document.querySelector<HTMLElement>("[data-presence-url]")?.dataset.presenceUrl;
let wrote = 0;

function look(): void {
  const url = place();
  if (url && document.visibilityState === "visible") void post(url);
}

document.addEventListener("input", (event) => {
  const url = place();
  if (!url || !(event.target as Element).closest("[data-composer]") || Date.now() - wrote < 3000) return;
  wrote = Date.now();
  void post(url, { writing: "1" });
});

function leave(): void {
  const url = place();
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
  if (url) navigator.sendBeacon(url, new URLSearchParams({ gone: "1", csrfmiddlewaretoken: token }));
}

window.addEventListener("pagehide", leave);
document.addEventListener("leaving", leave);
document.addEventListener("visit", look);

look();
setInterval(look, 25_000);
