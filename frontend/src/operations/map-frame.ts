// What stands around the map inside its column: controls, notices, the line that says what is schematic.

import { writeSpan } from "@dothi/language/times";
import { isSimulated } from "@dothi/live/state";
import { feedStatus } from "@dothi/page/city";
import { icon } from "@dothi/page/icon";
import { html, nothing, type TemplateResult } from "lit-html";
import { momentInWords } from "./timeline-panel";
import type { Sheet, View } from "./view";

/** The bar that says the feed is lost: since when, what the screen shows meanwhile, and what can be done. */
export function lostBar(view: View): TemplateResult | typeof nothing {
  const feed = feedStatus.value;
  if (feed?.status !== "lost") return nothing;
  const span = writeSpan(view.language, (performance.now() - feed.silentSince) / 1000);
  // The counting age stands outside the alert, which would else be read out anew each second.
  return html`<div class="lost-bar">
    ${icon("plug-connected-x")}
    <p role="alert"><b>${view.words.feedLost}</b> ${view.words.feedLostText}</p>
    <span class="num nw">${view.words.ago(span)}</span>
    <button type="button" class="btn" @click=${() => view.actions.retryFeed()}>${icon("refresh", "s")}${view.words.retry}</button>
  </div>`;
}

/** The bar that says that the screen shows a moment that is past, and which; one press leads back. */
export function replayBar(view: View): TemplateResult | typeof nothing {
  const { words, replay } = view;
  if (replay.at === null) return nothing;
  const said = { loading: words.replayLoading, failed: words.replayFailed, ready: "" }[replay.status];
  return html`<div class="replay-bar" data-replay=${replay.status}>
    ${icon("history")}
    <p role="status"><b class="num">${momentInWords(view)}</b> <span>${said}</span></p>
    ${replay.status === "failed" ? html`<button type="button" class="btn" @click=${() => view.actions.replay(replay.at)}>${icon("refresh", "s")}${words.retry}</button>` : nothing}
    <button type="button" class="btn" aria-keyshortcuts="l" data-back-to-live @click=${() => view.actions.replay(null)}>${icon("broadcast", "s")}${words.backToLive} <kbd>L</kbd></button>
  </div>`;
}

export function mapFrame(view: View): TemplateResult {
  const { words, actions } = view;
  const simulated = isSimulated(view.live.features.values());
  return html`
    ${view.mapProblem === "webgl" ? noMap(view) : nothing}
    <div class="ctx">
      ${simulated ? html`<div>${icon("flask", "s")}<span>${words.simulated}</span></div>` : nothing}
      ${view.mapProblem === "base" ? html`<div role="status">${icon("map-off", "s")}<span>${words.noBaseMap}</span></div>` : nothing}
    </div>
    <div class="mapui" ?hidden=${view.mapProblem === "webgl"}>
      ${button(words.zoomIn, icon("plus"), () => actions.zoomBy(1))} ${button(words.zoomOut, icon("minus"), () => actions.zoomBy(-1))}
      ${button(words.home, icon("focus-centered"), () => actions.home())}
    </div>
    <div class="attr">${view.config.credits.length > 0 ? view.config.credits.join(" · ") : words.attribution}${simulated ? ` · ${words.attributionSimulated}` : nothing}</div>
  `;
}

function button(label: string, drawn: TemplateResult, act: () => void): TemplateResult {
  return html`<button type="button" aria-label=${label} title=${label} @click=${act}>${drawn}</button>`;
}

function noMap(view: View): TemplateResult {
  return html`<div class="empty nomap" role="alert">
    ${icon("map-off", "l")}
    <p class="b">${view.words.noWebgl}</p>
    <p>${view.words.noWebglText}</p>
    <button type="button" class="btn" @click=${() => location.reload()}>${icon("refresh", "s")}${view.words.retry}</button>
  </div>`;
}

/** The bar at the foot of a narrow screen that opens the columns as sheets over the map. */
export function sheetBar(view: View): TemplateResult {
  const entry = (sheet: Sheet, name: string, drawn: TemplateResult): TemplateResult => {
    const open = view.sheet === sheet;
    return html`<button type="button" aria-pressed=${open} class=${open ? "on" : ""} @click=${() => view.actions.openSheet(open ? "none" : sheet)}>${drawn}<span>${name}</span></button>`;
  };
  return html`<nav class="sheets" aria-label=${view.words.panels}>
    ${entry("none", view.words.map, icon("map"))} ${entry("layers", view.words.layers, icon("stack-2"))}
    ${view.config.alarms ? entry("alarms", view.words.alarmsShort, icon("bell")) : nothing}
    ${entry("objects", view.words.objectsShort, icon("list-details"))}
    ${entry("time", view.words.timelineShort, icon("history"))}
  </nav>`;
}
