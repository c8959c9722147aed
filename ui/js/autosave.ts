// form[data-autosave="url"] is posted a second after the last keystroke; its [data-saved] mark says so.
import { post } from "./htmx";

const timers = new Map<HTMLFormElement, number>();
let saving: Promise<void> = Promise.resolve();

async function save(form: HTMLFormElement): Promise<void> {
  const mark = form.querySelector<HTMLElement>("[data-saved]");
  const data = Object.fromEntries([...new FormData(form)].filter(([, v]) => typeof v === "string")) as Record<string, string>;
  try {
    const answer = await post(form.dataset.autosave!, data);
    if (!answer.ok) throw new Error(String(answer.status));
    if (mark) [mark.textContent, mark.dataset.state] = [mark.dataset.saved ?? "", "saved"];
  } catch {
    if (mark) [mark.textContent, mark.dataset.state] = [mark.dataset.failed ?? "", "failed"];
  }
}

document.addEventListener("input", (event) => {
  const form = (event.target as Element).closest<HTMLFormElement>("form[data-autosave]");
  if (!form) return;
  clearTimeout(timers.get(form));
  timers.set(form, window.setTimeout(() => begin(form), 1000));
});

function begin(form: HTMLFormElement): void {
  timers.delete(form);
  saving = Promise.all([saving, save(form)]).then(() => undefined);
}

// Whatever waits is saved now; done when the server has it.
export async function flush(): Promise<void> {
  for (const [form, timer] of timers) {
    clearTimeout(timer);
    begin(form);
  }
  await saving;
}

document.addEventListener("leaving", () => void flush());
window.addEventListener("pagehide", () => void flush());

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  clearTimeout(timers.get(form));
  timers.delete(form);
});
