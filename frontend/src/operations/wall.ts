// The wall of the operations centre: what everyone in the room sees. Nobody touches it, so it looks after itself.

import { toLanguage } from "@dothi/language/language";
import { TimeWriter } from "@dothi/language/times";
import { anchor } from "@dothi/live/clock";
import { Feed } from "@dothi/live/feed";
import type { ClockReading, LiveEvent } from "@dothi/live/protocol";
import { apply, type LiveState, NOTHING_KNOWN } from "@dothi/live/state";
import { cityClock, cityNow, feedStatus } from "@dothi/page/city";
import { render } from "lit-html";
import { AlarmChart } from "./alarm-chart";
import { arrange, Pending, queueOf } from "./alarms";
import { feedUrl, type PageConfig } from "./config";
import { MESSAGES } from "./messages";
import { Stage } from "./stage";
import { TimelineFeed } from "./timeline-feed";
import type { Actions, View } from "./view";
import { wallLayout } from "./wall-layout";

const TICK_MS = 1000;
/** After so long without the server the page is loaded anew as soon as it answers: it may be another Dothi by then. */
const ANEW_AFTER_MS = 120_000;
/** The map as drawn for a desk, larger by this (as in the style sheet): its smallest letters are 18 pixels high. */
const ENLARGED = 1.7;
const NOBODY = new Pending();

export class WallPage {
  private live: LiveState = NOTHING_KNOWN;
  private readonly times: TimeWriter;
  private readonly feed: Feed;
  private readonly timeline: TimelineFeed;
  private readonly chart: AlarmChart;
  private readonly stage: Stage;
  private frame = 0;
  private lock: WakeLockSentinel | null = null;

  constructor(
    private readonly el: HTMLElement,
    private readonly config: PageConfig,
    clock: ClockReading,
  ) {
    const again = (): void => this.schedule();
    if (cityClock.value === null) cityClock.set(anchor(clock, performance.now()));
    this.times = new TimeWriter(toLanguage(config.lang), config.zone);
    this.timeline = new TimelineFeed(config.timeline_url, again);
    this.chart = new AlarmChart(toLanguage(config.lang), again);
    this.stage = new Stage(el, config, again);
    // A connection of its own: the wall must not depend on another page's.
    this.feed = new Feed(feedUrl(config), {
      onEvent: (event) => this.hear(event),
      onStatus: (status, silentSince) => feedStatus.set({ status, silentSince }),
    });
  }

  start(): void {
    this.feed.open();
    this.draw();
    setInterval(() => this.tick(), TICK_MS);
    addEventListener("online", () => this.feed.retryNow());
    document.addEventListener("visibilitychange", () => void this.stayAwake());
    void this.stayAwake();
    void this.timeline.read();
    void this.stage
      .open({ select: () => undefined, dossier: () => undefined }, ENLARGED)
      .then(() => this.stage.map?.keepClear(this.seam()));
  }

  /** Where the two screens of the wall meet, in pixels of the map; no name is to cross it. */
  private seam(): number {
    const canvas = this.el.querySelector<HTMLElement>(".canvas");
    return canvas ? (innerWidth / 2 - canvas.getBoundingClientRect().left) / ENLARGED : 0;
  }

  /** Ask the machine not to sleep; what can't is left as it is. */
  private async stayAwake(): Promise<void> {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    if (this.lock && !this.lock.released) return;
    this.lock = await navigator.wakeLock.request("screen").catch(() => null);
  }

  private tick(): void {
    const feed = feedStatus.value;
    if (feed?.status === "lost" && performance.now() - feed.silentSince > ANEW_AFTER_MS) void this.loadAnew();
    this.schedule();
  }

  private async loadAnew(): Promise<void> {
    const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (answer?.ok) location.reload();
  }

  private hear(event: LiveEvent): void {
    this.live = apply(this.live, event);
    if (this.live.clock) cityClock.set(this.live.clock);
    if (event.kind === "changes" && event.data.alarms.length + event.data.gone.length > 0) this.timeline.renewSoon();
    this.schedule();
  }

  private schedule(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const queue = queueOf(this.live.alarms, "all");
    const first = queue.find((alarm) => this.config.alarms?.rules[alarm.rule]?.has_chart && alarm.cleared_at === null);
    this.chart.show(first?.id ?? null);
    const view = this.view(queue.map((alarm) => alarm.id));
    render(wallLayout(view, first), this.el);
    this.stage.draw(view);
  }

  private view(ids: readonly number[]): View {
    const language = toLanguage(this.config.lang);
    const now = cityNow();
    const timeline = this.el.querySelector<HTMLElement>(".wt");
    return {
      ...STILL,
      language,
      words: MESSAGES[language],
      times: this.times,
      config: this.config,
      live: this.live,
      now,
      present: now,
      queue: arrange([], ids, false),
      pending: NOBODY,
      timeline: this.timeline.shown,
      day: this.timeline.day,
      timelineWidth: timeline?.clientWidth ?? 0,
      chart: this.chart,
      mapProblem: this.stage.problem,
    };
  }
}

/** What a page that nobody touches never changes. */
const STILL = {
  selected: null,
  filter: "",
  hiddenLayers: new Set<string>(),
  hiddenBase: new Set<never>(),
  sheet: "none",
  column: "alarms",
  tab: "all",
  notice: "",
  scope: { area: "", department: "" },
  scopes: { areas: [], departments: [] },
  replay: { at: null, status: "ready", playing: false },
  hours: 24,
  baseCounts: null,
  order: [],
  actions: {} as Actions,
} as const;
