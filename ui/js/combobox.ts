// A text field with a list of choices (ARIA combobox): fetched while one types, moved through by arrows, the field keeps focus.
export type Combobox = {
  input: HTMLInputElement;
  list: HTMLElement;
  told?: HTMLElement | null;
  url(): string | undefined;
  choose(option: HTMLElement, event: Event): void;
  shown?(): void;
};
const WAIT = 90;
let serial = 0;

export class Choices {
  private asking?: AbortController;
  private timer = 0;
  private isStale = false;
  private readonly id = `choices-${++serial}`;

  constructor(private readonly box: Combobox) {
    box.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.isStale = true;
      this.timer = window.setTimeout(() => void this.refresh(), WAIT);
    });
    box.input.addEventListener("keydown", (event) => this.key(event));
    box.list.addEventListener("mousedown", (event) => event.preventDefault());
    box.list.addEventListener("click", (event) => {
      const option = (event.target as Element).closest<HTMLElement>("[role=option]:not([aria-disabled=true])");
      if (option) box.choose(option, event);
    });
  }

  get options(): HTMLElement[] {
    return [...this.box.list.querySelectorAll<HTMLElement>("[role=option]:not([aria-disabled=true])")];
  }

  get active(): HTMLElement | undefined {
    return this.options.find((option) => option.getAttribute("aria-selected") === "true");
  }

  async refresh(): Promise<void> {
    clearTimeout(this.timer);
    this.asking?.abort();
    const mine = (this.asking = new AbortController());
    const url = this.box.url();
    if (url === undefined) return this.close();
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: mine.signal });
      if (!answer.ok || answer.redirected) return this.close();
      this.box.list.innerHTML = await answer.text();
    } catch {
      return;
    }
    this.isStale = false;
    this.box.shown?.();
    this.open();
  }

  open(): void {
    this.options.forEach((option, index) => (option.id = `${this.id}-${index}`));
    this.box.list.hidden = !this.box.list.querySelector("[role=option]");
    this.box.list.scrollTop = 0;
    this.box.input.setAttribute("aria-expanded", String(this.options.length > 0));
    this.select(0);
    const told = this.box.list.querySelector<HTMLElement>("[data-told]")?.dataset.told ?? "";
    if (this.box.told) this.box.told.textContent = told;
  }

  close(): void {
    clearTimeout(this.timer);
    this.isStale = false;
    this.asking?.abort();
    this.box.list.innerHTML = "";
    this.box.list.hidden = true;
    this.box.input.setAttribute("aria-expanded", "false");
    this.box.input.removeAttribute("aria-activedescendant");
  }

  private select(index: number): void {
    const all = this.options;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (all[index]) this.box.input.setAttribute("aria-activedescendant", all[index].id);
    else this.box.input.removeAttribute("aria-activedescendant");
    if (index > 0) all[index]?.scrollIntoView({ block: "nearest" });
    else this.box.list.scrollTop = 0;
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.box.list.hidden || !this.options.length) return void this.refresh();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const now = this.active ? this.options.indexOf(this.active) : -1;
      this.select((now + step + this.options.length) % this.options.length);
    } else if (event.key === "Enter" && (this.isStale || (!this.box.list.hidden && this.active))) {
      event.preventDefault();
      event.stopPropagation();
      void this.enter(event);
    }
  }

  // Whoever types fast and presses Enter means what was typed, not what is still shown.
  private async enter(event: KeyboardEvent): Promise<void> {
    if (this.isStale) await this.refresh();
    if (!this.isStale && this.active) this.box.choose(this.active, event);
  }
}
