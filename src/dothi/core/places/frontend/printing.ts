// The button that prints a page; without a script it would do nothing, so it is there only with one.

export default function mount(el: HTMLElement): void {
  el.addEventListener("click", () => window.print());
}
