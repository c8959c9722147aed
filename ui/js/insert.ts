// [data-insert="url"] asks the server for a text and puts it where one writes, a paragraph of its own; what it refuses is a toast.
import { post } from "./htmx";
import { toast } from "./toast";

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-insert]");
  const field = button?.closest("form")?.querySelector("textarea");
  if (!button || !field || button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  void post(button.dataset.insert!, { [button.dataset.name!]: button.dataset.value! })
    .then(async (answer) => {
      const told = await answer.text();
      if (answer.ok) put(field, told);
      else toast({ text: answer.status === 422 ? told : button.dataset.failed!, kind: "error" });
    })
    .finally(() => button.removeAttribute("aria-busy"));
});

function put(field: HTMLTextAreaElement, text: string): void {
  const at = field.selectionEnd || field.value.length;
  const [before, after] = [field.value.slice(0, at).trimEnd(), field.value.slice(at).trimStart()];
  field.value = [before, text, after].filter(Boolean).join("\n\n");
  const end = before.length + (before ? 2 : 0) + text.length;
  field.focus();
  field.setSelectionRange(end, end);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
