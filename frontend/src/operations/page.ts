// The operations screen: takes the feed's state, draws panels and map from it once a frame, and does what people do.

import { toLanguage } from "@dothi/language/language";
import { TimeWriter } from "@dothi/language/times";
import { type AnyFeed, openFeed } from "@dothi/live/one-feed";
import type { LiveEvent } from "@dothi/live/protocol";
import { apply, type LiveState, NOTHING_KNOWN } from "@dothi/live/state";
import { countBase } from "@dothi/map/base-counts";
import type { BaseGroup, Place } from "@dothi/map/view";
import { cityClock, cityNow, feedStatus, replayAt, replayWanted } from "@dothi/page/city";
import { render } from "lit-html";
import { AlarmChart } from "./alarm-chart";
import { feedUrl, type PageConfig, pastUrl } from "./config";
import { AlarmDesk } from "./desk";
import { onPageKey, openHelp } from "./help";
import { layout } from "./layout";
import { MESSAGES } from "./messages";
import { Listing } from "./order";
import { Player } from "./player";
import { askBy, Replay } from "./replay";
import { choicesOf, Narrowing } from "./scope";
import { Stage } from "./stage";
import { stepOf } from "./timeline";
import { TimelineFeed } from "./timeline-feed";
import { type Actions, alarmOf, type Column, type Scope, type Sheet, type View } from "./view";

const TICK_MS = 1000;

export class OperationsPage {
  private live: LiveState = NOTHING_KNOWN;
  private readonly listing = new Listing();
  private selected: string | null = null;
  private filter = "";
  private sheet: Sheet = "none";
  private column: Column;
  private scope: Scope = { area: "", department: "" };
  private baseCounts: View["baseCounts"] = null;
  private timelineWidth = 0;
  /** What the address asks for, `/#lighting.lamps:12`, until it can be shown. */
  private wanted = location.hash.slice(1);
  private readonly hiddenLayers = new Set<string>();
  private readonly hiddenBase = new Set<BaseGroup>();
  private readonly times: TimeWriter;
  private readonly feed: AnyFeed;
  private readonly actions: Actions;
  private readonly desk: AlarmDesk;
  private readonly replay: Replay;
  private readonly player: Player;
  private readonly timeline: TimelineFeed;
  private readonly chart: AlarmChart;
  private readonly stage: Stage;
  private readonly narrowing: Narrowing;
  private frame = 0;

  constructor(
    private readonly el: HTMLElement,
    private readonly config: PageConfig,
  ) {
    const language = toLanguage(config.lang);
    const again = (): void => this.schedule();
    this.column = config.alarms ? "alarms" : "objects";
    this.times = new TimeWriter(language, config.zone);
    this.desk = new AlarmDesk({ page: config.alarms?.page ?? "" }, MESSAGES[language], again);
    this.replay = new Replay(
      askBy((at) => pastUrl(config, at)),
      again,
    );
    this.player = new Player(this.replay, () => this.timeline.hours, again);
    this.timeline = new TimelineFeed(config.timeline_url, again);
    this.chart = new AlarmChart(language, again);
    this.stage = new Stage(el, config, again);
    this.narrowing = new Narrowing(config.departments);
    this.actions = this.makeActions();
    this.feed = openFeed(feedUrl(config), {
      onEvent: (event) => this.hear(event),
      onStatus: (status, silentSince) => feedStatus.set({ status, silentSince }),
    });
  }

  start(): void {
    if (this.config.layers.length > 0 || this.config.alarms) this.feed.open();
    this.el.replaceChildren();
    this.draw();
    feedStatus.watch(() => this.schedule());
    replayWanted.listen((wanted) => this.actions.replay(wanted ? cityNow() - stepOf(this.timeline.hours) : null));
    setInterval(() => this.schedule(), TICK_MS);
    addEventListener("online", () => this.feed.retryNow());
    addEventListener("pagehide", () => this.feed.close());
    addEventListener("pageshow", (event) => event.persisted && this.feed.open());
    document.addEventListener("keydown", (event) => onPageKey(this.view(), event));
    document.querySelector("[data-open=help]")?.addEventListener("click", () => openHelp(this.view()));
    void this.openMap();
    void this.timeline.read();
    this.measure();
  }

  private async openMap(): Promise<void> {
    const counting = countBase(this.config.base_url);
    await this.stage.open(this.actions);
    this.showWanted();
    this.baseCounts = await counting;
    this.schedule();
  }

  /** Draw the timeline as wide as its place. */
  private measure(): void {
    const place = this.el.querySelector<HTMLElement>(".time");
    if (!place) return;
    new ResizeObserver(() => {
      this.timelineWidth = place.clientWidth;
      this.schedule();
    }).observe(place);
  }

  private hear(event: LiveEvent): void {
    this.live = apply(this.live, event);
    if (this.live.clock) cityClock.set(this.live.clock);
    if (event.kind === "changes" && event.data.alarms.length + event.data.gone.length > 0) this.timeline.renewSoon();
    this.showWanted();
    this.schedule();
  }

  private makeActions(): Actions {
    const change = <T extends unknown[]>(act: (...given: T) => void) => {
      return (...given: T): void => {
        act(...given);
        this.schedule();
      };
    };
    return {
      ...this.panelActions(change),
      ...this.alarmActions(),
      zoomBy: (steps) => this.stage.map?.zoomBy(steps),
      home: () => this.stage.map?.home(),
      retryFeed: () => this.feed.retryNow(),
      setHours: change((hours) => this.timeline.setHours(hours)),
      replay: change((at: number | null) => this.goTo(at)),
      play: change((on: boolean) => this.player.play(on, cityNow())),
    };
  }

  private panelActions(
    change: <T extends unknown[]>(act: (...given: T) => void) => (...given: T) => void,
  ): Omit<
    Actions,
    "zoomBy" | "home" | "retryFeed" | "setHours" | "replay" | "play" | keyof ReturnType<OperationsPage["alarmActions"]>
  > {
    return {
      select: change((key: string | null) => this.select(key)),
      show: change((key: string) => this.show(key)),
      filter: change((text: string) => {
        this.filter = text;
      }),
      toggleLayer: change((id: string) => {
        toggle(this.hiddenLayers, id);
        this.stage.map?.setLayerVisible(id, !this.hiddenLayers.has(id));
      }),
      toggleBase: change((group: BaseGroup) => {
        toggle(this.hiddenBase, group);
        this.stage.map?.setBaseVisible(group, !this.hiddenBase.has(group));
      }),
      openSheet: change((sheet: Sheet) => {
        this.sheet = sheet;
        if (sheet === "alarms" || sheet === "objects") this.column = sheet;
      }),
      dossier: (place: Place | null) => this.openDossier(place ?? this.stage.placeIn(this.view())),
      showColumn: change((column: Column) => {
        this.column = column;
      }),
      setScope: change((scope: Partial<Scope>) => {
        this.scope = { ...this.scope, ...scope };
        this.desk.letIn();
        this.stage.lookAtScope(this.view());
      }),
    };
  }

  private alarmActions(): Pick<Actions, "showTab" | "hold" | "letIn" | "acknowledge" | "shelve"> {
    return {
      showTab: (tab) => this.desk.showTab(tab),
      hold: (held) => this.desk.hold(held),
      letIn: () => this.desk.letIn(),
      acknowledge: (id) => void this.desk.acknowledge(id),
      shelve: (id, minutes, reason) => void this.desk.shelve(id, minutes, reason),
    };
  }

  private goTo(at: number | null): void {
    const past = at !== null && at < cityNow() ? at : null;
    if (past === null) this.player.play(false, cityNow());
    this.replay.show(past);
    replayAt.set(past);
    this.desk.letIn();
  }

  private select(key: string | null): void {
    if (key !== this.selected) this.desk.notice = "";
    this.selected = key;
    const side: Sheet = key?.startsWith("alarms:") ? "alarms" : "objects";
    if (key !== null && (this.sheet === "none" || this.sheet === "time")) this.sheet = side;
    if (key === null && (this.sheet === "objects" || this.sheet === "alarms")) this.sheet = "none";
  }

  private openDossier(place: Place | null): void {
    if (place === null || this.config.dossier_url === null) return;
    const at = `${place.lon.toFixed(5)},${place.lat.toFixed(5)}`;
    window.open(`${this.config.dossier_url}?at=${at}`, "_blank", "noopener");
  }

  private show(key: string): void {
    this.select(key);
    this.stage.goTo(key, this.view());
  }

  private showWanted(): void {
    const key = this.wanted;
    if (!this.stage.map || !(this.live.features.has(key) || alarmOf({ live: this.live }, key))) return;
    this.wanted = "";
    this.show(key);
  }

  private schedule(): void {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private view(): View {
    const language = toLanguage(this.config.lang);
    const present = cityNow();
    // Until the past is there the screen keeps what it showed: the bar above says that it is being loaded.
    const whole = this.replay.at === null || !this.replay.state.known ? this.live : this.replay.state;
    const state = this.narrowing.of(whole, this.scope);
    const live = this.replay.at === null ? { ...state, alarms: this.desk.pending.over(state.alarms) } : state;
    const order = (): readonly string[] => this.listing.of(live.features, this.config.layers, this.filter);
    return {
      language,
      words: MESSAGES[language],
      times: this.times,
      config: this.config,
      live,
      now: this.replay.at ?? present,
      present,
      replay: { at: this.replay.at, status: this.replay.status, playing: this.player.playing },
      ...this.panels(live),
      selected: this.selected,
      filter: this.filter,
      hiddenLayers: this.hiddenLayers,
      hiddenBase: this.hiddenBase,
      sheet: this.sheet,
      mapProblem: this.stage.problem,
      // Thousands of names are put in order for those who look at them.
      get order() {
        return order();
      },
      scope: this.scope,
      scopes: choicesOf(whole, this.config, language),
      actions: this.actions,
    };
  }

  private panels(
    live: LiveState,
  ): Pick<
    View,
    | "column"
    | "tab"
    | "queue"
    | "pending"
    | "notice"
    | "timeline"
    | "day"
    | "hours"
    | "timelineWidth"
    | "chart"
    | "baseCounts"
  > {
    return {
      column: this.column,
      tab: this.desk.tab,
      queue: this.desk.rows(live.alarms),
      pending: this.desk.pending,
      notice: this.desk.notice,
      timeline: this.timeline.shown,
      day: this.timeline.day,
      hours: this.timeline.hours,
      timelineWidth: this.timelineWidth,
      chart: this.chart,
      baseCounts: this.baseCounts,
    };
  }

  private draw(): void {
    const view = this.view();
    this.el.dataset["sheet"] = view.sheet;
    this.el.dataset["replay"] = view.replay.at === null ? "off" : view.replay.status;
    const alarm = alarmOf(view, view.selected);
    this.chart.show(alarm && this.config.alarms?.rules[alarm.rule]?.has_chart ? alarm.id : null);
    render(layout(view), this.el);
    this.stage.draw(view);
  }
}

function toggle<T>(set: Set<T>, value: T): void {
  if (!set.delete(value)) set.add(value);
}
