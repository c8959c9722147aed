// Menus are details elements: a click elsewhere or Escape closes them, a fragment that is fetched again does not.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (!menu.contains(event.target as Node)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    menu.open = false;
    menu.querySelector<HTMLElement>("summary")?.focus();
  }
});

let kept: HTMLDetailsElement[] = [];
document.addEventListener("htmx:before:swap", () => {
  kept = [...document.querySelectorAll<HTMLDetailsElement>("details[open]")];
});
document.addEventListener("htmx:after:swap", () => {
  for (const menu of kept) if (menu.isConnected) menu.open = true;
});
