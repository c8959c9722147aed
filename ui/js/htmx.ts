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
  return fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken(), "HX-Request": "true" },
    body: new URLSearchParams(data),
  });
}

export default htmx as { trigger(target: Element, name: string): void; process(target: Element): void };
