// [data-theme-choice] sets the theme, for this browser.
document.addEventListener("click", (event) => {
  const choice = (event.target as Element).closest<HTMLElement>("[data-theme-choice]")?.dataset.themeChoice;
  if (!choice) return;
  document.cookie = `theme=${choice}; path=/; max-age=31536000; samesite=lax`;
  document.documentElement.dataset.theme = choice;
});
