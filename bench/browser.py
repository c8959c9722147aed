"""A browser without a screen, and one with: sessions over HTTP, and Chromium for what a reader sees."""

import http.client
import re
import shutil
import statistics
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from bench.desk import PASSWORD

SWITCH = """() => new Promise((done) => {
  const heading = () => document.querySelector(".main-pane h1")?.textContent + location.pathname;
  const before = heading();
  addEventListener("keydown", (event) => {
    const begin = event.timeStamp;
    const look = () => {
      if (heading() === before) return requestAnimationFrame(look);
      requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => done(performance.now() - begin);
        painted.port2.postMessage(0);
      });
    };
    requestAnimationFrame(look);
  }, { once: true, capture: true });
})"""


class Session:
    """A signed-in member over one kept-alive connection."""

    def __init__(self, port: int, email: str) -> None:
        self.port, self.cookies = port, dict[str, str]()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        page = self.get("/sign-in/")
        form = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": _token(page)}
        self.request("POST", "/sign-in/", urlencode(form))
        if "sessionid" not in self.cookies:
            raise RuntimeError(f"{email} could not sign in.")
        self.token = _token(self.get("/?view=all"))

    def get(self, path: str, **headers: str) -> str:
        """The page, which has to be there."""
        status, text = self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        if status != 200:
            raise RuntimeError(f"{path} answers {status}.")
        return text

    def post(self, path: str, **form: str) -> str:
        """Post a form as a page of ours does; it has to be taken."""
        headers = {"X-CSRFToken": self.token, "HX-Request": "true"}
        status, text = self.request("POST", path, urlencode(form), headers)
        if status not in (200, 204):
            raise RuntimeError(f"{path} answers {status}: {re.sub(r'<[^>]+>', ' ', text)[:300]}")
        return text

    def send_form(self, path: str, form: list[tuple[str, str]]) -> str | None:
        """Send a page's own form; what it leads to is an order, whose number it gives, or nothing when it is refused."""
        sent = [*form, ("csrfmiddlewaretoken", self.token)]
        self.location = ""
        status, _text = self.request("POST", path, urlencode(sent))
        found = re.match(r"/orders/([^/]+)/", self.location)
        return found[1] if status in (302, 303) and found else None

    def request(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
        sent = {"Cookie": self.cookie, "Referer": f"http://127.0.0.1:{self.port}/"} | (headers or {})
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._answer(method, path, body, sent)
        except (http.client.RemoteDisconnected, ConnectionError):  # kept alive longer than the server likes
            self.connection.close()
            answer = self._answer(method, path, body, sent)
        text, self.location = answer.read().decode(), answer.headers.get("Location", "")
        for told in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(told).items()}
        return answer.status, text

    def _answer(self, method: str, path: str, body: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        self.connection.request(method, path, body or None, headers)
        return self.connection.getresponse()

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


def _token(page: str) -> str:
    found = re.search(r'name="csrf(?:middlewaretoken)?" (?:content|value)="([^"]+)"', page)
    if found is None:
        raise RuntimeError("A page without a CSRF token.")
    return found[1]


def switches(url: str, email: str, count: int, pause_ms: int) -> dict[str, float] | None:
    """Milliseconds from key j to the next case painted, in headless Chromium; None where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{url}/sign-in/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda at: "sign-in" not in at)
        page.goto(f"{url}/?view=all")
        page.locator("[data-rows] a.row").first.click()
        page.wait_for_selector(".main-pane h1")
        page.wait_for_timeout(1_000)
        taken = [_switch(page, "j" if turn // 40 % 2 == 0 else "k", pause_ms) for turn in range(count)]
        browser.close()
    cuts = statistics.quantiles(taken, n=100)
    return {"p50": cuts[49], "p75": cuts[74], "p95": cuts[94], "switches": len(taken)}


def _switch(page: Any, key: str, pause_ms: int) -> float:
    page.evaluate(f"void (window.benchDone = ({SWITCH})())")
    page.keyboard.press(key)
    taken = float(page.evaluate("window.benchDone"))
    page.wait_for_timeout(pause_ms)
    return taken
