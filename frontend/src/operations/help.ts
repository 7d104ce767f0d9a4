// The help sheet and the keyboard's shortcuts.

import type { Messages } from "@dothi/language/language";
import { ALARMS, keyOf } from "@dothi/live/protocol";
import { icon } from "@dothi/page/icon";
import { html, render, type TemplateResult } from "lit-html";
import { stepOf } from "./timeline";
import { alarmOf, type View } from "./view";

interface HelpWords {
  readonly title: string;
  readonly close: string;
  readonly singleKeys: string;
  readonly singleKeysHint: string;
  readonly help: string;
  readonly filter: string;
  readonly next: string;
  readonly inList: string;
  readonly show: string;
  readonly clear: string;
  readonly zoom: string;
  readonly home: string;
  readonly pan: string;
  readonly dossier: string;
  readonly acknowledge: string;
  readonly columns: string;
  readonly step: string;
  readonly play: string;
  readonly live: string;
}

const MESSAGES: Messages<HelpWords> = {
  vi: {
    title: "Trợ giúp và phím tắt",
    close: "Đóng",
    singleKeys: "Dùng phím tắt một ký tự",
    singleKeysHint: "Tắt đi nếu bạn nhập liệu bằng giọng nói.",
    help: "Mở trang trợ giúp này",
    filter: "Lọc đối tượng theo tên",
    next: "Đối tượng sau, trước",
    inList: "Chọn trong danh sách",
    show: "Đưa đối tượng đang chọn vào giữa bản đồ",
    clear: "Bỏ chọn, đóng",
    zoom: "Phóng to, thu nhỏ",
    home: "Về toàn thành phố",
    pan: "Di chuyển bản đồ (khi bản đồ đang được chọn)",
    dossier: "Hồ sơ địa điểm: nơi đang chọn, hoặc giữa bản đồ (hay nhấp chuột phải)",
    acknowledge: "Xác nhận cảnh báo đang chọn",
    columns: "Cột cảnh báo, cột đối tượng",
    step: "Xem lại: lùi, tiến một bước",
    play: "Xem lại: chạy, dừng",
    live: "Về trực tiếp",
  },
  en: {
    title: "Help and keyboard shortcuts",
    close: "Close",
    singleKeys: "Use single-key shortcuts",
    singleKeysHint: "Switch them off if you enter text by voice.",
    help: "Open this help",
    filter: "Filter by name",
    next: "Next, previous thing",
    inList: "Select in the list",
    show: "Bring the selected thing into the middle",
    clear: "Clear the selection, close",
    zoom: "Zoom in, out",
    home: "Whole city",
    pan: "Move the map (while it has the focus)",
    dossier: "Dossier of the selected place, or of the map's middle (or right click)",
    acknowledge: "Acknowledge the selected alarm",
    columns: "Column of alarms, column of objects",
    step: "Replay: one step back, forward",
    play: "Replay: play, pause",
    live: "Back to live",
  },
};

const STORED = "dothi.single-keys";

/** Whether shortcuts of one letter are on; a person can switch them off, and that is kept. */
export function singleKeysOn(): boolean {
  return localStorage.getItem(STORED) !== "off";
}

/** Open the help sheet. */
export function openHelp(view: View): void {
  const dialog = dialogElement();
  draw(dialog, view);
  if (!dialog.open) dialog.showModal();
}

function dialogElement(): HTMLDialogElement {
  const known = document.querySelector<HTMLDialogElement>("dialog.help");
  if (known) return known;
  const made = document.createElement("dialog");
  made.className = "help";
  made.setAttribute("aria-labelledby", "help-title");
  document.body.append(made);
  return made;
}

function draw(dialog: HTMLDialogElement, view: View): void {
  const words = MESSAGES[view.language];
  const rows: [keys: string[], what: string][] = [
    [["?"], words.help],
    [["/"], words.filter],
    [["J", "K"], words.next],
    [["D"], words.dossier],
    [["A"], words.acknowledge],
    [["Q", "O"], words.columns],
    [["↑", "↓"], words.inList],
    [["Enter"], words.show],
    [["Esc"], words.clear],
    [["+", "−"], words.zoom],
    [["0"], words.home],
    [["←", "↑", "→", "↓"], words.pan],
    [[",", "."], words.step],
    [["P"], words.play],
    [["L"], words.live],
  ];
  render(
    html`<div class="ph">
        <h2 id="help-title">${words.title}</h2>
        <span class="sp"></span>
        <button type="button" class="btn btn-quiet btn-icon" aria-label=${words.close} @click=${() => dialog.close()}>${icon("x", "s")}</button>
      </div>
      <dl class="keys">${rows.map(([keys, what]) => keyRow(keys, what))}</dl>
      <label class="form-check"
        ><input type="checkbox" class="form-check-input" .checked=${singleKeysOn()} @change=${(event: Event) => keep((event.target as HTMLInputElement).checked)} /><span class="form-check-label">${words.singleKeys}</span
        ><span class="form-check-description">${words.singleKeysHint}</span></label
      >`,
    dialog,
  );
}

function keyRow(keys: readonly string[], what: string): TemplateResult {
  return html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${what}</dd></div>`;
}

function keep(on: boolean): void {
  localStorage.setItem(STORED, on ? "on" : "off");
}

const SINGLE_KEYS: Readonly<Record<string, (view: View) => void>> = {
  "?": openHelp,
  "/": findByName,
  a: acknowledge,
  d: (view) => view.actions.dossier(null),
  q: (view) => view.config.alarms && view.actions.showColumn("alarms"),
  o: (view) => view.actions.showColumn("objects"),
  l: (view) => view.actions.replay(null),
  p: (view) => view.actions.play(!view.replay.playing),
  ",": (view) => view.actions.replay((view.replay.at ?? view.present) - stepOf(view.hours)),
  ".": (view) => view.actions.replay((view.replay.at ?? view.present) + stepOf(view.hours)),
  j: (view) => step(view, 1),
  k: (view) => step(view, -1),
  "+": (view) => view.actions.zoomBy(1),
  "=": (view) => view.actions.zoomBy(1),
  "-": (view) => view.actions.zoomBy(-1),
  "0": (view) => view.actions.home(),
};

function step(view: View, by: number): void {
  const isQueue = view.config.alarms !== null && view.column === "alarms";
  const keys = isQueue ? view.queue.ids.map((id) => keyOf(ALARMS, id)) : view.order;
  const at = view.selected === null ? -1 : keys.indexOf(view.selected);
  const next = keys[Math.min(keys.length - 1, Math.max(0, at + by))];
  if (next !== undefined) view.actions.select(next);
}

function findByName(view: View): void {
  const field = (): HTMLElement | null => document.getElementById("objects-filter");
  view.actions.showColumn("objects");
  const known = field();
  if (known) known.focus();
  // Where the column showed alarms the field is there with the next drawing.
  else requestAnimationFrame(() => requestAnimationFrame(() => field()?.focus()));
}

function acknowledge(view: View): void {
  const alarm = alarmOf(view, view.selected);
  const may = view.config.alarms?.may_acknowledge && view.replay.at === null;
  if (alarm && may && alarm.state !== "acknowledged") view.actions.acknowledge(alarm.id);
}

/** Act on a key pressed anywhere on the page; typing and open dialogs are left alone. */
export function onPageKey(view: View, event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key === "Escape") {
    if (view.filter && target.matches("input")) view.actions.filter("");
    else if (view.selected !== null) view.actions.select(null);
    else view.actions.openSheet("none");
    return;
  }
  const busy = event.ctrlKey || event.metaKey || event.altKey || target.matches("input, textarea, select, dialog *");
  const act = SINGLE_KEYS[event.key.toLowerCase()];
  if (busy || !act || !singleKeysOn()) return;
  event.preventDefault();
  act(view);
}
