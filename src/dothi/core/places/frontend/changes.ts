// Draws what two revisions of a layer have otherwise; a shape leads to its row of the list, and a row to its shape.

import { type Messages, pageLanguage } from "@dothi/language/language";
import { writeCount } from "@dothi/language/numbers";
import type { ChangeKind, ChangeProperties, Changes, ChangesMap } from "@dothi/map/changes";
import { openChangesMap } from "@dothi/map/changes";
import type { SmallMapOptions } from "@dothi/map/small";
import { canDraw } from "@dothi/map/view";
import { dossierOf } from "./areas";

interface Config extends SmallMapOptions {
  readonly changesUrl: string;
  readonly dossier: string;
  readonly noMap: string;
  /** How many changes there are in all, and how many of them a page of the list holds. */
  readonly total: number;
  readonly perPage: number;
  /** The address of a page of the list, its number at the end. */
  readonly rows: string;
}

interface Words {
  readonly kinds: Readonly<Record<ChangeKind, string>>;
  readonly toRow: string;
  readonly back: string;
  readonly first: (drawn: string, total: string) => string;
  readonly failed: string;
  readonly again: string;
}

const MESSAGES: Messages<Words> = {
  vi: {
    kinds: {
      added: "thêm",
      changed: "sửa",
      removed: "bỏ",
    },
    toRow: "Đến dòng trong bảng",
    back: "Esc: về dòng trong bảng",
    first: (drawn, total) =>
      `Bản đồ vẽ ${drawn} thay đổi đầu trong tổng số ${total}; các hình còn lại quá nhiều hoặc quá chi tiết.`,
    failed: "Không tải được các thay đổi lên bản đồ; bảng vẫn đầy đủ.",
    again: "Tải lại",
  },
  en: {
    kinds: {
      added: "added",
      changed: "changed",
      removed: "removed",
    },
    toRow: "To its row in the table",
    back: "Esc: back to its row",
    first: (drawn, total) =>
      `The map draws the first ${drawn} of ${total} changes; the other shapes are too many, or too detailed.`,
    failed: "The changes could not be loaded onto the map; the table has them all.",
    again: "Load again",
  },
};

/** How many changes are drawn: one may have two shapes. */
export function countDrawn(changes: Changes): number {
  return new Set(changes.features.map((each) => each.properties.fid)).size;
}

/** Give the address of the row of a change: `rows` ends in the number of a page of `perPage` rows. */
export function rowAddress(rows: string, perPage: number, { place, fid }: ChangeProperties): string {
  return `${rows}${Math.floor(place / perPage) + 1}#${rowId(fid)}`;
}

/** Give the change that an address names, null where it names none. */
export function changeOf(hash: string): number | null {
  const found = /^#change-(\d{1,15})$/.exec(hash)?.[1];
  return found === undefined ? null : Number(found);
}

function rowId(fid: number): string {
  return `change-${fid}`;
}

export default function mount(el: HTMLElement, config: unknown): void {
  const told = config as Config;
  if (!canDraw()) {
    el.textContent = told.noMap;
    el.classList.add("empty");
    return;
  }
  void open(el, told);
}

async function open(el: HTMLElement, config: Config): Promise<void> {
  const answer = await fetch(config.changesUrl).catch(() => null);
  if (!answer?.ok) {
    offerAgain(el, config);
    return;
  }
  await new Page(el, config, (await answer.json()) as Changes).start();
}

function offerAgain(el: HTMLElement, config: Config): void {
  const words = MESSAGES[pageLanguage()];
  const button = document.createElement("button");
  button.className = "btn";
  button.textContent = words.again;
  button.addEventListener("click", () => {
    el.replaceChildren();
    void open(el, config);
  });
  const text = document.createElement("p");
  text.setAttribute("role", "alert");
  text.textContent = words.failed;
  el.replaceChildren(text, button);
}

/** The page around the map: its rows, and the line below the map that says what is picked. */
class Page {
  private readonly words = MESSAGES[pageLanguage()];
  private readonly told: HTMLElement | null = document.querySelector("[data-change-told]");
  private readonly byFid: ReadonlyMap<number, ChangeProperties>;
  private map: ChangesMap | null = null;
  private picked: number | null = null;

  constructor(
    private readonly el: HTMLElement,
    private readonly config: Config,
    private readonly changes: Changes,
  ) {
    this.byFid = new Map(changes.features.map((each) => [each.properties.fid, each.properties]));
  }

  async start(): Promise<void> {
    this.map = await openChangesMap(this.el, {
      ...this.config,
      changes: this.changes,
      kinds: this.words.kinds,
      onPick: (fid) => this.pick(fid, "map"),
      onPlace: (lon, lat) => location.assign(dossierOf(this.config.dossier, lon, lat)),
    });
    this.sayHowMany();
    this.offerRows();
    this.el.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.goToRow();
    });
    const asked = changeOf(location.hash);
    if (asked !== null && this.byFid.has(asked)) this.pick(asked, "address");
    this.el.dataset["map"] = "ready";
  }

  private sayHowMany(): void {
    const drawn = countDrawn(this.changes);
    const line = document.querySelector<HTMLElement>("[data-change-drawn]");
    if (!line || drawn >= this.config.total) return;
    const language = pageLanguage();
    line.textContent = this.words.first(writeCount(language, drawn), writeCount(language, this.config.total));
    line.hidden = false;
  }

  private offerRows(): void {
    for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-change]")) {
      const fid = Number(button.dataset["change"]);
      if (!this.byFid.has(fid)) continue;
      button.hidden = false;
      button.addEventListener("click", () => this.pick(fid, "row"));
    }
  }

  /** A row leads to the map; a shape leads to its row, where that is on this page. */
  private pick(fid: number, from: "map" | "row" | "address"): void {
    const change = this.byFid.get(fid);
    if (!change) return;
    this.picked = fid;
    this.map?.mark(fid, { isLookedAt: from !== "map" });
    this.el.dataset["picked"] = String(fid);
    this.tell(change);
    this.markRow(fid);
    if (from !== "row") {
      this.goToRow();
      return;
    }
    this.el.scrollIntoView({ block: "nearest" });
    this.map?.focus();
  }

  private markRow(fid: number): void {
    for (const row of document.querySelectorAll("tr[id^=change-]")) {
      if (row.id === rowId(fid)) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  private goToRow(): void {
    const row = this.picked === null ? null : document.getElementById(rowId(this.picked));
    if (!row) return;
    row.scrollIntoView({ block: "nearest" });
    row.focus({ preventScroll: true });
  }

  private tell(change: ChangeProperties): void {
    if (!this.told) return;
    const name = document.createElement("b");
    name.textContent = change.name;
    this.told.replaceChildren(name, `: ${this.words.kinds[change.kind]} · `, this.wayBack(change));
  }

  private wayBack(change: ChangeProperties): Node {
    if (document.getElementById(rowId(change.fid))) return document.createTextNode(this.words.back);
    const link = document.createElement("a");
    link.href = rowAddress(this.config.rows, this.config.perPage, change);
    link.textContent = this.words.toRow;
    return link;
  }
}
