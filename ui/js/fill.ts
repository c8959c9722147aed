// [data-fill="id"] puts its data-value into a field, as if it had been typed.
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-fill]");
  if (!button) return;
  const field = document.getElementById(button.dataset.fill!);
  if (!(field instanceof HTMLInputElement)) return;
  field.value = button.dataset.value ?? "";
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  field.focus();
});
