// [data-theme-choice] and [data-density-choice] set how this browser shows the desk; without this script their form does.
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-theme-choice], [data-density-choice]");
  if (!button) return;
  event.preventDefault();
  const name = button.dataset.themeChoice ? "theme" : "density";
  const choice = button.dataset.themeChoice ?? button.dataset.densityChoice!;
  document.cookie = `${name}=${choice}; path=/; max-age=31536000; samesite=lax`;
  document.documentElement.dataset[name] = choice;
  for (const other of document.querySelectorAll<HTMLElement>(`[data-${name}-choice][aria-pressed]`)) {
    other.setAttribute("aria-pressed", String(other.getAttribute(`data-${name}-choice`) === choice));
  }
});
