// The city's clock in the top bar: runs by itself, and is set by the live feed where a page has one.

import { type Language, type Messages, toLanguage } from "@dothi/language/language";
import { TimeWriter } from "@dothi/language/times";
import { anchor, tickMs } from "@dothi/live/clock";
import type { ClockReading } from "@dothi/live/protocol";
import { cityClock, cityNow, replayAt } from "@dothi/page/city";
import { html, render } from "lit-html";

interface Config extends ClockReading {
  readonly lang: string;
  readonly zone: string;
}

const MESSAGES: Messages<{ clock: string; simulated: (speed: string) => string; simulatedHint: string }> = {
  vi: {
    clock: "Giờ thành phố",
    simulated: (speed) => `×${speed} · mô phỏng`,
    simulatedHint: "Đồng hồ thành phố chạy nhanh hơn thực tế vì đây là mô phỏng",
  },
  en: {
    clock: "City time",
    simulated: (speed) => `×${speed} · simulated`,
    simulatedHint: "The city's clock runs faster than real time because this is a simulation",
  },
};

export default function mount(el: HTMLElement, config: unknown): void {
  const given = config as Config;
  const language = toLanguage(given.lang);
  const writer = new TimeWriter(language, given.zone);
  if (cityClock.value === null) cityClock.set(anchor(given, performance.now()));
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tick = (): void => {
    draw(el, language, writer, cityClock.value?.speed ?? 1);
    setTimeout(tick, calm ? 1000 : tickMs(cityClock.value?.speed ?? 1));
  };
  tick();
}

function draw(el: HTMLElement, language: Language, writer: TimeWriter, speed: number): void {
  const words = MESSAGES[language];
  const now = replayAt.value ?? cityNow();
  const factor = speed.toLocaleString(language === "vi" ? "vi-VN" : "en-GB");
  render(
    html`<div class="city-clock" role="timer" aria-live="off" aria-label=${words.clock}>
      <time class="num clock" datetime=${new Date(now).toISOString()}>${writer.clock(now)}</time>
      <span class="t2 nw date">${writer.date(now)}</span><span class="t3 nw zone">${writer.zone(now)}</span>
      ${speed === 1 ? null : html`<span class="chip speed" title=${words.simulatedHint}><span class="num">${words.simulated(factor)}</span></span>`}
    </div>`,
    el,
  );
}
