// The search box: offers what is found while somebody types; without it the form leads to the search's page.

import { icon } from "@dothi/page/icon";
import { render } from "lit-html";

export interface Offer {
  readonly name: string;
  readonly kind: string;
  readonly icon: string;
  readonly where: string;
  readonly note: string;
  readonly address: string;
}

interface Config {
  readonly address: string;
  /** What is said where nothing is found. */
  readonly none: string;
  /** What leads to the page with all that is found. */
  readonly all: string;
}

const PAUSE_MS = 160;
const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowUp: -1 };

export default function mount(form: HTMLElement, config: unknown): void {
  const input = form.querySelector("input");
  if (input) new Box(form, input, config as Config);
}

/** Give the place after a step through `count` offers; -1 is the box itself. */
export function stepFrom(at: number, step: 1 | -1, count: number): number {
  const places = count + 1;
  return ((at + 1 + step + places) % places) - 1;
}

class Box {
  private readonly list = document.createElement("ul");
  private readonly said = document.createElement("span");
  private offers: readonly Offer[] = [];
  private at = -1;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;

  constructor(
    private readonly form: HTMLElement,
    private readonly input: HTMLInputElement,
    private readonly config: Config,
  ) {
    this.list.id = `${input.id}-offers`;
    this.list.className = "offers";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.querySelector("label")?.textContent ?? "");
    this.list.hidden = true;
    this.said.className = "visually-hidden";
    this.said.setAttribute("role", "status");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    input.setAttribute("aria-expanded", "false");
    form.append(this.list, this.said);
    input.addEventListener("input", () => this.wait());
    input.addEventListener("keydown", (event) => this.press(event));
    form.addEventListener("focusout", (event) => {
      if (!form.contains(event.relatedTarget as Node | null)) this.close();
    });
    // A click would take the focus first, and with it the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), PAUSE_MS);
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const text = this.input.value.trim();
    if (text === "") {
      this.close();
      return;
    }
    this.asking = new AbortController();
    try {
      const answer = await fetch(`${this.config.address}?${new URLSearchParams({ q: text })}`, {
        signal: this.asking.signal,
      });
      if (!answer.ok) return;
      const { found } = (await answer.json()) as { found: Offer[] };
      this.show(found);
    } catch (error) {
      // Typing went on, or there is no network: Enter still leads to the page.
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    }
  }

  private show(found: readonly Offer[]): void {
    this.offers = found;
    this.at = -1;
    this.list.replaceChildren(...found.map((each, place) => this.option(each, place)));
    this.list.hidden = found.length === 0;
    this.said.textContent = found.length === 0 ? this.config.none : `${found.length}`;
    this.form.classList.toggle("nothing", found.length === 0);
    this.mark();
  }

  private option(offer: Offer, place: number): HTMLLIElement {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${place}`;
    item.setAttribute("role", "option");
    const name = document.createElement("b");
    name.textContent = offer.name;
    const rest = document.createElement("small");
    rest.textContent = [offer.kind, offer.where, offer.note].filter((part) => part !== "").join(" · ");
    const words = document.createElement("span");
    words.append(name, rest);
    render(icon(offer.icon), item);
    item.append(words);
    item.addEventListener("click", () => location.assign(offer.address));
    return item;
  }

  private press(event: KeyboardEvent): void {
    const isOpen = !this.list.hidden;
    const act = this.deedOf(event.key, isOpen);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private deedOf(key: string, isOpen: boolean): (() => void) | null {
    const step = STEPS[key];
    if (step !== undefined) return () => this.step(step, isOpen);
    if (!isOpen) return null;
    if (key === "Escape") return () => this.close();
    const chosen = key === "Enter" ? this.offers[this.at] : undefined;
    return chosen ? () => location.assign(chosen.address) : null;
  }

  private step(by: 1 | -1, isOpen: boolean): void {
    if (!isOpen) {
      void this.ask();
      return;
    }
    this.at = stepFrom(this.at, by, this.offers.length);
    this.mark();
  }

  private mark(): void {
    this.input.setAttribute("aria-expanded", String(!this.list.hidden));
    const items = [...this.list.children];
    for (const [place, item] of items.entries()) item.setAttribute("aria-selected", String(place === this.at));
    const current = items[this.at];
    if (current) {
      this.input.setAttribute("aria-activedescendant", current.id);
      current.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.list.hidden = true;
    this.said.textContent = "";
    this.form.classList.remove("nothing");
    this.at = -1;
    this.mark();
  }
}
