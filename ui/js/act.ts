// [data-act="url"] does an action that needs no input: at once, with a toast; what it refuses is shown in the dialog.
import { showContent } from "./dialog";
import { post } from "./htmx";
import { relay } from "./toast";

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-act]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  event.preventDefault();
  button.closest("details")?.removeAttribute("open");
  button.setAttribute("aria-busy", "true");
  void post(button.dataset.act!, { _key: crypto.randomUUID() })
    .then(async (answer) => {
      if (answer.ok) relay(answer);
      else showContent(await answer.text());
    })
    .finally(() => button.removeAttribute("aria-busy"));
});
