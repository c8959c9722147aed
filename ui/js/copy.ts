// [data-copy="selector"] puts a field's text on the clipboard and says so; where the browser forbids it, the text is selected. One with
// [data-copy-now] has come as the answer to "make and copy": it is pressed at once.
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

document.addEventListener("htmx:after:swap", () => {
  const button = document.querySelector<HTMLElement>("[data-copy-now]");
  button?.removeAttribute("data-copy-now");
  button?.click();
  button?.focus();
});
