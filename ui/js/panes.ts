// The context pane folds on narrow screens; [data-toggle-context] opens and closes it.
document.documentElement.dataset.js = "";

document.addEventListener("click", (event) => {
  if (!(event.target as Element).closest("[data-toggle-context]")) return;
  const shell = document.querySelector<HTMLElement>(".shell");
  if (shell) shell.dataset.context = shell.dataset.context === "open" ? "closed" : "open";
});
