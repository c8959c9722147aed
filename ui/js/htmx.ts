// htmx with the CSRF token on every request that changes something.
import htmx from "htmx.org";

type Context = { ctx?: { request?: { method?: string; headers?: Record<string, string> } } };

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}

document.addEventListener("htmx:config:request", (event) => {
  const request = (event as CustomEvent<Context>).detail?.ctx?.request;
  if (request?.headers) request.headers["X-CSRFToken"] = csrfToken();
});

export async function post(url: string, data: Record<string, string> = {}): Promise<Response> {
  const body = new URLSearchParams(data);
  const keepalive = body.toString().length < 60_000; // survives leaving the page; browsers allow 64 KB
  return fetch(url, { method: "POST", keepalive, headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" }, body });
}

type Swap = { text: string; target: Element; sourceElement: Element; swap: string };

export default htmx as {
  trigger(target: Element, name: string): void;
  process(target: Element): void;
  swap(what: Swap): Promise<void>;
};
