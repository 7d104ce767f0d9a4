// The crew's page on the street: deeds, notes and photos go through an outbox that outlives a lost network.

import { localeOf, pageLanguage } from "@dothi/language/language";
import { keepFreshBy, RENEWED } from "@dothi/page/fresh";
import { icon } from "@dothi/page/icon";
import { html, nothing, render, type TemplateResult } from "lit-html";
import { keepForOffline } from "./crew/keeping";
import { MemoryShelf } from "./crew/memory-shelf";
import { MESSAGES } from "./crew/messages";
import { flush, newKey, type Outcome, send, stateAfter, type Waiting, wallMs } from "./crew/outbox";
import { shrink } from "./crew/photos";
import { BrowserShelf } from "./crew/shelf";

interface Config {
  readonly who: string;
  readonly order: number;
}

const TRY_EVERY_MS = 10_000;
const words = MESSAGES[pageLanguage()];
const count = (number: number) => number.toLocaleString(localeOf(pageLanguage()));

export default function mount(element: HTMLElement, config: unknown): void {
  keepFreshBy("/live/alarms");
  void keepForOffline((config as Config).who);
  void begin(element, config as Config);
}

async function begin(element: HTMLElement, config: Config): Promise<void> {
  const kept = await BrowserShelf.open().catch(() => null);
  const page = new CrewPage(element, config, kept ?? new MemoryShelf(), kept !== null);
  await page.start();
}

class CrewPage {
  private waiting: Waiting[] = [];
  private last: Outcome | null = null;
  private sending = false;
  private photos: Blob[] = [];
  private note = "";
  private readonly followed = new WeakSet<HTMLInputElement>();

  constructor(
    private readonly element: HTMLElement,
    private readonly config: Config,
    private readonly shelf: BrowserShelf | MemoryShelf,
    private readonly isKept: boolean,
  ) {}

  async start(): Promise<void> {
    const draft = await this.shelf.findDraft(this.config.who, this.config.order);
    this.note = draft?.note ?? "";
    this.photos = [...(draft?.photos ?? [])];
    document.addEventListener("submit", (event) => this.take(event));
    document.addEventListener("input", (event) => this.hear(event));
    document.addEventListener(RENEWED, () => this.show());
    window.addEventListener("online", () => void this.try());
    setInterval(() => {
      if (this.waiting.some((each) => each.refused === undefined)) void this.try();
    }, TRY_EVERY_MS);
    await this.try();
  }

  /** Take a form's deed into the outbox instead of letting the browser send it. */
  private take(event: SubmitEvent): void {
    const form = event.target;
    if (!(form instanceof HTMLFormElement && form.dataset["outbox"])) return;
    event.preventDefault();
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    const deed = button?.dataset["deed"] ?? form.dataset["outbox"];
    const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
    void this.keep(deed, new URL(address).pathname, new FormData(form).has("keeps_place"));
  }

  private async keep(deed: string, address: string, keepsPlace: boolean): Promise<void> {
    const isWritten = deed === "note" || deed === "finish";
    const lacks = isWritten && !this.note.trim() && (deed === "finish" || this.photos.length === 0);
    this.complain(lacks ? words.needsNote : "");
    if (lacks) return;
    const photos = isWritten ? [...this.photos] : [];
    const at_ms = wallMs();
    const note = isWritten ? this.note : "";
    if (isWritten) this.clearDraft();
    const made = keepsPlace ? photos : await Promise.all(photos.map(shrink));
    const { who, order } = this.config;
    await this.shelf.put({ key: newKey(), who, order, address, deed, note, keepsPlace, photos: made, at_ms });
    if (isWritten) await this.saveDraft();
    await this.try();
  }

  /** Say beside the note what it lacks, and lead there. */
  private complain(reason: string): void {
    const field = document.getElementById("note");
    const place = document.querySelector<HTMLElement>("[data-wrong]");
    if (!field || !place) return;
    place.textContent = reason;
    place.hidden = !reason;
    field.toggleAttribute("aria-invalid", Boolean(reason));
    if (reason) field.focus();
  }

  private clearDraft(): void {
    this.note = "";
    this.photos = [];
    this.show();
  }

  private async saveDraft(): Promise<void> {
    const { who, order } = this.config;
    if (order) await this.shelf.keepDraft({ who, order, note: this.note, photos: this.photos });
  }

  /** Remember what is typed, as it is. */
  private hear(event: Event): void {
    const field = event.target;
    if (!(field instanceof HTMLTextAreaElement && field.id === "note")) return;
    this.note = field.value;
    void this.saveDraft();
  }

  /** Take photos from a field itself: while the camera was open the page may have been written anew without it. */
  private follow(field: HTMLInputElement | null): void {
    if (!field || this.followed.has(field)) return;
    this.followed.add(field);
    field.addEventListener("change", () => {
      this.photos.push(...(field.files ?? []));
      field.value = "";
      this.show();
      void this.saveDraft();
    });
  }

  /** Send what waits, and show how it went. */
  private async try(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    await this.look();
    const token = document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    this.last = (await flush(this.shelf, this.config.who, (each) => send(each, token))) ?? this.last;
    this.sending = false;
    await this.look();
  }

  private async look(): Promise<void> {
    this.waiting = (await this.shelf.list()).filter((each) => each.who === this.config.who);
    this.show();
  }

  private show(): void {
    render(this.box(), this.element);
    this.showDraft();
    this.showDeeds();
  }

  private showDraft(): void {
    const field = document.querySelector<HTMLTextAreaElement>(".crew-note #note");
    if (field && field.value !== this.note) field.value = this.note;
    this.follow(document.querySelector<HTMLInputElement>("#photo"));
    const list = document.querySelector<HTMLElement>("[data-chosen]");
    if (list)
      render(
        this.photos.map((photo, at) => this.thumbnail(photo, at)),
        list,
      );
  }

  /** Offer what can be done once everything that waits is in. */
  private showDeeds(): void {
    const deeds = document.querySelector<HTMLElement>(".crew-deeds");
    const state = stateAfter(deeds?.dataset["state"] ?? "", this.config.order, this.waiting);
    for (const part of deeds?.querySelectorAll<HTMLElement>("[data-in]") ?? []) {
      part.hidden = !(part.dataset["in"] ?? "").split(" ").includes(state);
    }
  }

  private thumbnail(photo: Blob, at: number): TemplateResult {
    const number = count(at + 1);
    const drop = () => {
      this.photos.splice(at, 1);
      void this.saveDraft();
      this.show();
    };
    return html`<li><img src=${addressOf(photo)} alt=${words.photo(number)} width="112" height="84">
      <button type="button" class="btn drop" aria-label=${words.removePhoto(number)} @click=${drop}>${icon("x")}</button></li>`;
  }

  private box(): TemplateResult | typeof nothing {
    const told = this.isKept ? nothing : html`<p class="note">${words.notKept}</p>`;
    if (!this.waiting.length) {
      const sent = this.last?.kind === "sent" ? html`<p class="t2">${icon("check", "s")} ${words.sent}</p>` : nothing;
      return html`<div role="status">${told}${sent}</div>`;
    }
    const isRefused = this.waiting.some((each) => each.refused !== undefined);
    return html`<div role="status">${told}<details class="outbox" ?open=${isRefused}>
      <summary>${icon("cloud-off")}${words.notSent(count(this.waiting.length))}</summary>
      ${this.reason()}
      <ul>${this.waiting.map((each) => this.line(each))}</ul>
      <button type="button" class="btn" @click=${() => void this.try()}>${icon("send")}${words.again}</button>
    </details></div>`;
  }

  private reason(): TemplateResult | typeof nothing {
    if (this.last?.kind === "signed-out") {
      const next = `/sign-in/?next=${encodeURIComponent(location.pathname)}`;
      return html`<p class="hint">${words.signedOut} <a href=${next}>${words.signIn}</a></p>`;
    }
    return this.last?.kind === "later" ? html`<p class="hint">${words.away}</p>` : nothing;
  }

  private line(waiting: Waiting): TemplateResult {
    const drop = () => void this.shelf.remove(waiting.key).then(() => this.look());
    const refused = waiting.refused === undefined ? nothing : this.refusal(waiting.refused, drop);
    const photos = waiting.photos.length
      ? html`<span class="t2">${words.photos(count(waiting.photos.length))}</span>`
      : nothing;
    return html`<li><p><b>${words.deeds[waiting.deed] ?? waiting.deed}</b> <span class="t2">${words.order(String(waiting.order))}</span> ${photos}</p>
      ${waiting.note ? html`<p class="note">${waiting.note}</p>` : nothing}${refused}</li>`;
  }

  private refusal(reason: string, drop: () => void): TemplateResult {
    return html`<p class="wrong">${words.refused} ${reason || words.refusedPlain}</p>
      <button type="button" class="btn" @click=${drop}>${icon("x")}${words.drop}</button>`;
  }
}

const addresses = new WeakMap<Blob, string>();

/** Give an address at which the browser finds a photo, the same each time. */
function addressOf(photo: Blob): string {
  const known = addresses.get(photo) ?? URL.createObjectURL(photo);
  addresses.set(photo, known);
  return known;
}
