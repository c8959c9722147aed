// <row-picker>: a text field that finds a row and keeps its id beside it. A contact's, order's or case's customer is filled in,
// and a chosen customer narrows the others.
import { Choices } from "./combobox";

class RowPicker extends HTMLElement {
  private kept!: HTMLInputElement;
  private input!: HTMLInputElement;
  private choices?: Choices;

  connectedCallback(): void {
    if (this.choices) return;
    this.kept = this.querySelector<HTMLInputElement>("input[type=hidden]")!;
    this.input = this.querySelector<HTMLInputElement>("input[role=combobox]")!;
    const list = this.querySelector<HTMLElement>("[role=listbox]")!;
    const told = this.querySelector<HTMLElement>("[role=status]");
    this.choices = new Choices({
      input: this.input,
      list,
      told,
      url: () => this.url(),
      choose: (option) => this.choose(option),
      shown: () => this.place(list),
    });
    this.input.addEventListener("input", () => this.forget());
    this.input.addEventListener("click", () => list.hidden && !this.kept.value && void this.choices!.refresh());
    this.input.addEventListener("blur", () => this.choices!.close());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || list.hidden) return;
      event.preventDefault();
      event.stopPropagation();
      this.choices!.close();
    });
  }

  get noun(): string {
    return this.dataset.noun!;
  }

  private place(list: HTMLElement): void {
    const [mine, around] = [this.getBoundingClientRect(), (this.closest("dialog") ?? document.body).getBoundingClientRect()];
    list.hidden = false;
    list.dataset.side = mine.left - around.left > around.width / 3 ? "end" : "start";
    list.scrollIntoView({ block: "nearest" });
  }

  private others(): RowPicker[] {
    const form = this.closest("form");
    return [...(form?.querySelectorAll<RowPicker>("row-picker") ?? [])].filter((one) => one !== this);
  }

  private url(): string {
    const asked = new URLSearchParams({ q: this.kept.value ? "" : this.input.value });
    const chosen = this.noun === "customer" ? "" : this.others().find((one) => one.noun === "customer")?.kept.value;
    const customer = this.dataset.customer || chosen;
    if (customer) asked.set("customer", customer);
    if (this.dataset.customer) asked.set("only", "1");
    return `/find/${this.noun}/?${asked}`;
  }

  private forget(): void {
    this.kept.value = "";
    delete this.dataset.of;
  }

  set(pk: string, shown: string, of: string): void {
    this.kept.value = pk;
    this.input.value = shown;
    this.dataset.of = of;
  }

  private choose(option: HTMLElement): void {
    const { pk = "", shown = "", customer = "", customerShown = "" } = option.dataset;
    this.set(pk, shown, customer);
    this.choices!.close();
    for (const other of this.others()) {
      if (other.noun === "customer" && customer && this.noun !== "product") other.set(customer, customerShown, customer);
      else if (other.dataset.of && customer && other.dataset.of !== customer) other.set("", "", "");
    }
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

customElements.define("row-picker", RowPicker);
