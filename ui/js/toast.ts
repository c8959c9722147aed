// Toasts: {text, kind, undo}. With an undo address the toast offers it, by button and by key z.
import { showContent } from "./dialog";
import { post } from "./htmx";

type Toast = { text: string; kind?: string; undo?: string };
const SHOWN = 10_000;

export function toast({ text, kind = "ok", undo }: Toast): void {
  const host = document.querySelector<HTMLElement>(".toasts");
  const model = document.querySelector<HTMLTemplateElement>("template[data-toast]");
  const made = model?.content.firstElementChild?.cloneNode(true) as HTMLElement | undefined;
  if (!host || !made) return;
  made.dataset.kind = kind;
  made.querySelector(".toast-text")!.textContent = text;
  const button = made.querySelector<HTMLButtonElement>("[data-toast-undo]")!;
  button.hidden = !undo;
  button.addEventListener("click", () => {
    made.remove();
    if (undo) void act(undo);
  });
  made.querySelector("[data-toast-close]")?.addEventListener("click", () => made.remove());
  host.append(made);
  setTimeout(() => made.remove(), SHOWN);
}

// Does an act that needs no input; what it refuses is shown in the dialog.
export async function act(url: string, data: Record<string, string> = {}): Promise<void> {
  const answer = await post(url, data);
  if (answer.ok) relay(answer);
  else showContent(await answer.text());
}

function relay(answer: Response): void {
  const told = answer.headers.get("HX-Trigger");
  if (!told) return;
  const events = JSON.parse(told) as Record<string, unknown>;
  for (const [name, detail] of Object.entries(events)) {
    document.body.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));
  }
}

document.addEventListener("toast", (event) => toast((event as CustomEvent<Toast>).detail));
