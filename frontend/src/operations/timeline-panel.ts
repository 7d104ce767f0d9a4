// The foot of the screen: alarms and a few series by time, and the marker that sets the moment the screen shows.

import { writeValue } from "@dothi/language/numbers";
import { ALARMS, keyOf } from "@dothi/live/protocol";
import { alarmShape, formOfState } from "@dothi/page/alarm-symbol";
import { icon } from "@dothi/page/icon";
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from "lit-html";
import { guard } from "lit-html/directives/guard.js";
import {
  type PastAlarm,
  pathOf,
  RANGES,
  type Scale,
  scaleOf,
  stepOf,
  type Timeline,
  ticksOf,
  uncovered,
  wholePixel,
} from "./timeline";
import type { View } from "./view";

const RIGHT = 16;

/** How the drawing is laid out, in pixels: on a desk, and to be read from afar. */
interface Sizes {
  readonly left: number;
  /** The height of all rows. */
  readonly room: number;
  readonly axis: number;
  readonly symbol: number;
  readonly letter: number;
}
const DESK: Sizes = { left: 168, room: 94, axis: 22, symbol: 0.68, letter: 46 };
const PHONE: Sizes = { ...DESK, left: 16 };
const WALL: Sizes = { left: 300, room: 156, axis: 42, symbol: 1.15, letter: 90 };
/** Below this width names stand in the line, not before it. */
const NARROW = 640;

export function timelinePanel(view: View): TemplateResult {
  const { words } = view;
  return html`<div class="th">
      <h2>${words.timeline}</h2>
      ${playback(view)}
      <span class="t3 hint">${words.timelineHint}</span>
      <span class="sp"></span>
      <div class="seg" role="group" aria-label=${words.range}>
        ${RANGES.map((hours) => html`<button type="button" aria-pressed=${hours === view.hours} class=${hours === view.hours ? "on" : ""} @click=${() => view.actions.setHours(hours)}>${words.ranges[hours]}</button>`)}
      </div>
    </div>
    ${view.timelineWidth > 0 ? ground(view) : nothing}`;
}

function playback(view: View): TemplateResult {
  const { words, replay, actions } = view;
  const step = stepOf(view.hours);
  const shown = replay.at ?? view.present;
  const button = (label: string, name: TemplateResult, act: () => void): TemplateResult =>
    html`<button type="button" class="btn btn-quiet btn-icon" aria-label=${label} title=${label} @click=${act}>${name}</button>`;
  return html`<div class="playback">
    ${button(words.back, icon("player-skip-back", "s"), () => actions.replay(shown - step))}
    ${
      replay.playing
        ? button(words.pause, icon("player-pause", "s"), () => actions.play(false))
        : button(words.play, icon("player-play", "s"), () => actions.play(true))
    }
    ${button(words.forth, icon("player-skip-forward", "s"), () => actions.replay(shown + step))}
  </div>`;
}

interface Ground {
  readonly scale: Scale;
  readonly sizes: Sizes & { readonly row: number };
  readonly height: number;
  /** Where now is, in pixels. */
  readonly now: number;
}

function groundOf(view: View, given: Sizes): Ground {
  // Few lines share the room that there is.
  const sizes = { ...given, row: Math.max(22, Math.floor(given.room / (1 + view.config.timeline.length))) };
  const right = view.timelineWidth - RIGHT;
  const now = wholePixel(view.present, view.hours, right - sizes.left);
  const scale = scaleOf(now, view.hours, sizes.left, right);
  return { scale, sizes, height: sizes.row * (1 + view.config.timeline.length) + sizes.axis, now: scale.x(now) };
}

function ground(view: View): TemplateResult {
  const { scale } = groundOf(view, sizesOf(view));
  const seconds = (ms: number): number => Math.round(ms / 1000);
  const drawing = (event: PointerEvent): void => drag(view, scale, event);
  return html`<div class="tl-ground" tabindex="0" role="slider" aria-label=${view.words.moment} aria-valuemin=${seconds(scale.begin)} aria-valuemax=${seconds(view.present)}
    aria-valuenow=${seconds(view.replay.at ?? view.present)} aria-valuetext=${momentInWords(view)}
    @keydown=${(event: KeyboardEvent) => press(view, event)} @pointerdown=${drawing} @pointermove=${drawing}>${chart(view)}</div>`;
}

function sizesOf(view: View): Sizes {
  return view.timelineWidth < NARROW ? PHONE : DESK;
}

/**
 * Draw the timeline alone, without its controls; for a wall large, with no words where its screens meet (pixels). It is
 * drawn anew when it would look different, not in each frame: time goes a pixel of it in a minute or more.
 */
export function chart(view: View, seam: number | null = null): unknown {
  const on = groundOf(view, seam === null ? sizesOf(view) : WALL);
  const { timeline, live, selected, replay, config, language, timelineWidth } = view;
  const minute = view.times.minute(view.present);
  const looks = [timeline, live.alarms, selected, replay.at, config, language, timelineWidth, on.scale.begin, minute];
  return guard([...looks, seam, view.hours], () => drawing(view, on, seam));
}

function drawing(view: View, on: Ground, seam: number | null): TemplateResult {
  const { scale, height, sizes, now } = on;
  const shown = scale.x(Math.max(scale.begin, view.replay.at ?? view.present));
  // On the wall nobody points at anything.
  const pointed = seam === null ? (event: Event) => choose(view, event) : nothing;
  return html`<svg class="tl" width=${view.timelineWidth} height=${height} aria-hidden="true" @pointerdown=${pointed}>
    ${hatching()} ${frame(view, on)} ${grid(view, on, seam)} ${alarms(view, on)}
    ${view.config.timeline.map((line, place) => series(view, on, line.id, place))}
    ${svg`<line class="now" x1=${now} x2=${now} y1="0" y2=${height - sizes.axis}></line>`}
    ${flag(view, view.replay.at === null ? now : shown, on)}
  </svg>`;
}

/** Write the moment that the screen shows. */
export function momentInWords(view: Pick<View, "replay" | "present" | "times" | "words">): string {
  const at = view.replay.at;
  if (at === null) return `${view.words.live}, ${view.times.minute(view.present)}`;
  return view.words.replaying(`${view.times.minute(at)}, ${view.times.date(at)}`);
}

function hatching(): SVGTemplateResult {
  return svg`<defs><pattern id="tl-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6"></path></pattern></defs>`;
}

function frame(view: View, { scale, sizes, height, now }: Ground): SVGTemplateResult {
  const bottom = height - sizes.axis;
  const width = Math.max(0, scale.right - now);
  const hasForecast = view.timeline?.series.some((each) => each.forecast.length > 0) ?? false;
  const names = [view.words.timelineRow, ...view.config.timeline.map((line) => `${line.name}, ${line.unit}`)];
  const middle = sizes.row / 2 + 4;
  return svg`<rect class="ahead" x=${now} y="0" width=${width} height=${bottom}></rect>
    <rect class="hatched" x=${now} y="0" width=${width} height=${bottom}></rect>
    <text class="said" x=${scale.right - 6} y=${middle} text-anchor="end">${hasForecast ? view.words.forecast : view.words.noForecast}</text>
    ${names.map((name, place) => svg`<line class="grid" x1=${scale.left} x2=${scale.right} y1=${sizes.row * (place + 1)} y2=${sizes.row * (place + 1)}></line>${sizes.left < DESK.left ? nothing : svg`<text class="name" x="16" y=${sizes.row * place + middle}>${name}</text>`}`)}`;
}

function grid(view: View, { scale, sizes, height, now }: Ground, seam: number | null): SVGTemplateResult[] {
  const offset = view.times.offsetMs(view.present);
  const write = (ms: number): string => (view.hours === 168 ? view.times.day(ms) : view.times.minute(ms));
  const ticks = ticksOf(scale, view.hours, offset);
  // Where there is little room every second one is written.
  const every = Math.max(1, Math.ceil((ticks.length * sizes.letter) / Math.max(1, scale.right - scale.left)));
  const taken = seam === null ? [now] : [now, seam];
  const written = (ms: number, place: number): boolean =>
    place % every === 0 && taken.every((x) => Math.abs(scale.x(ms) - x) > sizes.letter);
  return ticks.map(
    (ms, place) => svg`<line class="grid" x1=${scale.x(ms)} x2=${scale.x(ms)} y1="0" y2=${height - sizes.axis}></line>
      ${written(ms, place) ? svg`<text class="tick" x=${scale.x(ms)} y=${height - sizes.axis * 0.28} text-anchor="middle">${write(ms)}</text>` : nothing}`,
  );
}

/** Alarms as they are now, so that a row in the queue and its sign in time look alike; drawn in the order of need. */
function alarms(view: View, { scale, sizes }: Ground): SVGTemplateResult[] {
  const found = view.timeline?.alarms.filter((alarm) => alarm.raised >= scale.begin) ?? [];
  const isChosen = (alarm: PastAlarm): boolean => keyOf(ALARMS, alarm.id) === view.selected;
  return uncovered(found, scale, isChosen).map((alarm) => {
    const key = keyOf(ALARMS, alarm.id);
    const form = formIn(view, alarm);
    const at = `translate(${scale.x(alarm.raised).toFixed(1)} ${sizes.row / 2}) scale(${sizes.symbol})`;
    return svg`<g class="al p${alarm.priority} ${form} ${key === view.selected ? "chosen" : ""}" data-at=${alarm.id} transform=${at}>${alarmShape(alarm.priority, form, false)}</g>`;
  });
}

/** Show the alarm whose sign is pointed at, if it still stands in the queue. */
function choose(view: View, event: Event): void {
  const sign = (event.target as Element).closest<SVGElement>("[data-at]");
  const id = Number(sign?.dataset["at"]);
  if (!sign || !view.live.alarms.has(id)) return;
  event.stopPropagation();
  view.actions.show(keyOf(ALARMS, id));
}

function formIn(view: View, alarm: PastAlarm): "un" | "ak" | "cl" {
  const known = view.live.alarms.get(alarm.id);
  return formOfState(known?.state ?? (view.replay.at === null ? alarm.state : "over"));
}

function series(
  view: View,
  { scale, sizes, now }: Ground,
  id: string,
  place: number,
): SVGTemplateResult | typeof nothing {
  const found = view.timeline?.series.find((each) => each.id === id);
  const last = found?.points.at(-1);
  if (!found || !last) return nothing;
  const box = boxOf(found, sizes.row * (place + 1), sizes.row, stepOf(view.hours));
  const form = view.config.timeline[place]?.form;
  return svg`${form === "bars" ? bars(found.points, scale, box) : svg`<path class="ln" d=${pathOf(found.points, scale, box)}></path>`}
    <path class="fc" d=${pathOf(found.forecast, scale, box)}></path>
    <text class="said" x=${Math.max(scale.x(last[0]), now) + 8} y=${sizes.row * (place + 1.5) + 4}>${writeValue(view.language, last[1])} ${view.config.timeline[place]?.unit ?? ""}</text>`;
}

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly least: number;
  readonly most: number;
  readonly gap: number;
}

function boxOf(found: Timeline["series"][number], top: number, row: number, step: number): Box {
  const values = [...found.points, ...found.forecast].map(([, value]) => value);
  return {
    top: top + 4,
    bottom: top + row - 3,
    least: Math.min(0, ...values),
    most: Math.max(...values),
    gap: step * 2.5,
  };
}

function bars(points: readonly (readonly [number, number])[], scale: Scale, box: Box): SVGTemplateResult[] {
  const width = points.length > 1 ? Math.max(1, scale.x(points[1]?.[0] ?? 0) - scale.x(points[0]?.[0] ?? 0) - 1) : 4;
  return points.map(([ms, value]) => {
    const height = ((value - box.least) / (box.most - box.least || 1)) * (box.bottom - box.top);
    return svg`<rect class="bar" x=${scale.x(ms) - width} y=${box.bottom - height} width=${width} height=${height}></rect>`;
  });
}

function flag(view: View, x: number, { height, sizes }: Ground): SVGTemplateResult {
  const at = view.replay.at;
  const words = view.times.minute(at ?? view.present);
  const half = sizes.letter / 2 + 2;
  return svg`<g class=${at === null ? "flag" : "flag past"} transform="translate(${x} 0)">
    ${at === null ? nothing : svg`<line y1="0" y2=${height - sizes.axis}></line>`}
    <rect x=${-half} y=${height - sizes.axis + 1} width=${2 * half} height=${sizes.axis - 4} rx="3"></rect><text y=${height - sizes.axis * 0.28} text-anchor="middle">${words}</text></g>`;
}

function press(view: View, event: KeyboardEvent): void {
  const step = stepOf(view.hours);
  const shown = view.replay.at ?? view.present;
  const goals: Record<string, number | null> = {
    ArrowLeft: shown - step,
    ArrowRight: shown + step,
    PageDown: shown - 4 * step,
    PageUp: shown + 4 * step,
    Home: view.present - view.hours * 3_600_000,
    End: null,
  };
  const goal = goals[event.key];
  if (goal === undefined) return;
  event.preventDefault();
  view.actions.replay(goal);
}

function drag(view: View, scale: Scale, event: PointerEvent): void {
  if (event.buttons !== 1) return;
  const ground = event.currentTarget as HTMLElement;
  if (event.type === "pointerdown") ground.setPointerCapture(event.pointerId);
  const at = scale.at(event.clientX - ground.getBoundingClientRect().left);
  view.actions.replay(Math.max(scale.begin, at));
}
