// [data-copy="selector"] puts a field's text on the clipboard and says so; where the browser forbids it, the text is selected.
document.addEventListener("click", (event) => {
  const button = (event.target as Element).closest<HTMLElement>("[data-copy]");
  const field = button && document.querySelector<HTMLInputElement>(button.dataset.copy!);
  if (!button || !field) return;
  const label = button.querySelector("span") ?? button;
  field.select();
  void navigator.clipboard?.writeText(field.value).then(() => {
    label.textContent = button.dataset.copied ?? label.textContent;
  });
});
