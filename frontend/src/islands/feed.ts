// How the page stands to the city's time, in the top bar: live, late or lost, or, where it can, in replay.

import { type Messages, pageLanguage } from "@dothi/language/language";
import type { FeedStatus } from "@dothi/live/feed";
import { feedStatus, replayAt, replayWanted } from "@dothi/page/city";
import { icon } from "@dothi/page/icon";
import { html, render, type TemplateResult } from "lit-html";

interface Words extends Record<FeedStatus, string> {
  readonly label: string;
  readonly mode: string;
  readonly replay: string;
}

const MESSAGES: Messages<Words> = {
  vi: {
    label: "Nguồn dữ liệu",
    connecting: "Đang kết nối",
    live: "Trực tiếp",
    late: "Dữ liệu trễ",
    lost: "Mất kết nối",
    mode: "Chế độ",
    replay: "Phát lại",
  },
  en: {
    label: "Feed",
    connecting: "Connecting",
    live: "Live",
    late: "Late",
    lost: "Connection lost",
    mode: "Mode",
    replay: "Replay",
  },
};

export default function mount(el: HTMLElement, config: unknown): void {
  const words = MESSAGES[pageLanguage()];
  const canReplay = config === "replay";
  const draw = (): void => {
    const status = feedStatus.value?.status ?? "connecting";
    const isPast = replayAt.value !== null;
    el.closest(".top")?.classList.toggle("past", isPast);
    render(canReplay ? modes(words, status, isPast) : chip(words, status), el);
  };
  feedStatus.watch(draw);
  replayAt.watch(draw);
}

function chip(words: Words, status: FeedStatus): TemplateResult {
  return html`<span class="chip feed" data-feed=${status} role="status">
    <i class="pulse ${status}" aria-hidden="true"></i>
    <span class="visually-hidden">${words.label}: </span><span class="word">${words[status]}</span>
  </span>`;
}

function modes(words: Words, status: FeedStatus, isPast: boolean): TemplateResult {
  return html`<div class="modes"><div class="seg" role="group" aria-label=${words.mode}>
    <button type="button" aria-pressed=${!isPast} class=${isPast ? "" : "on"} @click=${() => replayWanted.set(false)}>${chip(words, status)}</button>
    <button type="button" aria-pressed=${isPast} class=${isPast ? "on" : ""} @click=${() => replayWanted.set(true)}>${icon("history", "s")}<span>${words.replay}</span></button>
  </div></div>`;
}
