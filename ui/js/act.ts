// [data-act="url"] does an action that needs no input: at once, with a toast; what it refuses is shown in the dialog.
import { openedBy } from "./dialog";
import { act } from "./toast";

document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-act]");
  if (!button || button.getAttribute("aria-busy") === "true") return;
  event.preventDefault();
  openedBy(button);
  button.setAttribute("aria-busy", "true");
  void act(button.dataset.act!, { _key: crypto.randomUUID() }).finally(() => button.removeAttribute("aria-busy"));
});
