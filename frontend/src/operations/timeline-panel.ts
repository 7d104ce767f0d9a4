// The foot of the screen: alarms and a few series by time, and the marker that sets the moment the screen shows.

import { writeValue } from "@dothi/language/numbers";
import { ALARMS, keyOf } from "@dothi/live/protocol";
import { alarmShape, formOfState } from "@dothi/page/alarm-symbol";
import { icon } from "@dothi/page/icon";
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from "lit-html";
import { type PastAlarm, pathOf, RANGES, type Scale, scaleOf, stepOf, type Timeline, ticksOf } from "./timeline";
import type { View } from "./view";

const LEFT = 120;
const NARROW_LEFT = 16;
const RIGHT = 16;
const ROW = 26;
const AXIS = 20;
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

function ground(view: View): TemplateResult {
  const width = view.timelineWidth;
  const left = width < NARROW ? NARROW_LEFT : LEFT;
  const scale = scaleOf(view.present, view.hours, left, width - RIGHT);
  const lines = view.config.timeline.length;
  const height = ROW * (1 + lines) + AXIS;
  const x = scale.x(Math.max(scale.begin, view.replay.at ?? view.present));
  return html`<div class="tl-ground" tabindex="0" role="slider" aria-label=${view.words.moment} aria-valuemin=${Math.round(scale.begin / 1000)} aria-valuemax=${Math.round(view.present / 1000)}
      aria-valuenow=${Math.round((view.replay.at ?? view.present) / 1000)} aria-valuetext=${momentInWords(view)}
      @keydown=${(event: KeyboardEvent) => press(view, event)} @pointerdown=${(event: PointerEvent) => drag(view, scale, event)} @pointermove=${(event: PointerEvent) => drag(view, scale, event)}>
    <svg class="tl" width=${width} height=${height} aria-hidden="true">
      ${hatching()} ${frame(view, scale, lines)} ${grid(view, scale, height)} ${alarms(view, scale)}
      ${view.config.timeline.map((line, place) => series(view, scale, line.id, place))}
      <line class="now" x1=${scale.x(view.present)} x2=${scale.x(view.present)} y1="0" y2=${height - AXIS}></line>
      ${flag(view, x, height)}
    </svg>
  </div>`;
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

function frame(view: View, scale: Scale, lines: number): SVGTemplateResult {
  const now = scale.x(view.present);
  const bottom = ROW * (1 + lines);
  const hasForecast = view.timeline?.series.some((each) => each.forecast.length > 0) ?? false;
  const names = [view.words.timelineRow, ...view.config.timeline.map((line) => `${line.name}, ${line.unit}`)];
  return svg`<rect class="ahead" x=${now} y="0" width=${Math.max(0, scale.right - now)} height=${bottom}></rect>
    <rect class="hatched" x=${now} y="0" width=${Math.max(0, scale.right - now)} height=${bottom}></rect>
    <text class="said" x=${scale.right - 6} y="17" text-anchor="end">${hasForecast ? view.words.forecast : view.words.noForecast}</text>
    ${names.map((name, place) => svg`<line class="grid" x1=${scale.left} x2=${scale.right} y1=${ROW * (place + 1)} y2=${ROW * (place + 1)}></line>${scale.left < LEFT ? nothing : svg`<text class="name" x="16" y=${ROW * place + 17}>${name}</text>`}`)}`;
}

function grid(view: View, scale: Scale, height: number): SVGTemplateResult[] {
  const offset = view.times.offsetMs(view.present);
  const write = (ms: number): string => (view.hours === 168 ? view.times.day(ms) : view.times.minute(ms));
  const ticks = ticksOf(scale, view.hours, offset);
  // Where there is little room every second one is written.
  const every = Math.ceil((ticks.length * 46) / Math.max(1, scale.right - scale.left));
  return ticks.map(
    (ms, place) => svg`<line class="grid" x1=${scale.x(ms)} x2=${scale.x(ms)} y1="0" y2=${height - AXIS}></line>
      ${place % every ? nothing : svg`<text class="tick" x=${scale.x(ms)} y=${height - 5} text-anchor="middle">${write(ms)}</text>`}`,
  );
}

/** Alarms as they are now, so that a row in the queue and its sign in time look alike; drawn in the order of need. */
function alarms(view: View, scale: Scale): SVGTemplateResult[] {
  const found = view.timeline?.alarms.filter((alarm) => alarm.raised >= scale.begin) ?? [];
  const sorted = [...found].sort((a, b) => b.priority - a.priority || a.raised - b.raised);
  return sorted.map((alarm) => {
    const shown = scale.x(alarm.raised).toFixed(1);
    const key = keyOf(ALARMS, alarm.id);
    return svg`<g class="al p${alarm.priority} ${formIn(view, alarm)} ${key === view.selected ? "chosen" : ""}" data-at=${alarm.id} transform="translate(${shown} 13) scale(.68)" @pointerdown=${(event: Event) => choose(view, key, event)}>${alarmShape(alarm.priority, formIn(view, alarm), false)}</g>`;
  });
}

function choose(view: View, key: string, event: Event): void {
  if (!view.live.alarms.has(Number(key.split(":")[1]))) return;
  event.stopPropagation();
  view.actions.show(key);
}

function formIn(view: View, alarm: PastAlarm): "un" | "ak" | "cl" {
  const known = view.live.alarms.get(alarm.id);
  return formOfState(known?.state ?? (view.replay.at === null ? alarm.state : "over"));
}

function series(view: View, scale: Scale, id: string, place: number): SVGTemplateResult | typeof nothing {
  const found = view.timeline?.series.find((each) => each.id === id);
  if (!found || found.points.length === 0) return nothing;
  const box = boxOf(found, place, stepOf(view.hours));
  const form = view.config.timeline[place]?.form;
  const last = found.points.at(-1);
  return svg`${form === "bars" ? bars(found.points, scale, box) : svg`<path class="ln" d=${pathOf(found.points, scale, box)}></path>`}
    <path class="fc" d=${pathOf(found.forecast, scale, box)}></path>
    ${last ? svg`<text class="said" x=${scale.x(last[0]) - 6} y=${box.top + 9} text-anchor="end">${writeValue(view.language, last[1])}</text>` : nothing}`;
}

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly least: number;
  readonly most: number;
  readonly gap: number;
}

function boxOf(found: Timeline["series"][number], place: number, step: number): Box {
  const values = [...found.points, ...found.forecast].map(([, value]) => value);
  const top = ROW * (place + 1);
  return {
    top: top + 4,
    bottom: top + ROW - 3,
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

function flag(view: View, x: number, height: number): SVGTemplateResult {
  const at = view.replay.at;
  const words = view.times.minute(at ?? view.present);
  return svg`<g class=${at === null ? "flag" : "flag past"} transform="translate(${x} 0)">
    ${at === null ? nothing : svg`<line y1="0" y2=${height - AXIS}></line>`}
    <rect x="-25" y=${height - AXIS + 1} width="50" height="18" rx="3"></rect><text y=${height - 6} text-anchor="middle">${words}</text></g>`;
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
