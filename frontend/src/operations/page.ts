// The map page: takes the feed's state, draws panels and map from it once a frame, and carries out what people do.

import { toLanguage } from "@dothi/language/language";
import { TimeWriter } from "@dothi/language/times";
import { Feed } from "@dothi/live/feed";
import type { Feature } from "@dothi/live/protocol";
import { apply, type LiveState, NOTHING_KNOWN } from "@dothi/live/state";
import type { BaseGroup, MapView, Thing } from "@dothi/map/view";
import { cityClock, cityNow, feedStatus } from "@dothi/page/city";
import { html, render } from "lit-html";
import { feedUrl, type LayerConfig, type PageConfig } from "./config";
import { detailPanel } from "./detail-panel";
import { onPageKey, openHelp } from "./help";
import { layersPanel } from "./layers-panel";
import { lostBar, mapFrame, sheetBar } from "./map-frame";
import { MESSAGES } from "./messages";
import { objectsPanel } from "./objects-panel";
import { matching, type Ordered, orderOf, UNORDERED } from "./order";
import { type Actions, ageOf, describe, formOf, layerOf, type Sheet, type View } from "./view";

const TICK_MS = 1000;

export class OperationsPage {
  private live: LiveState = NOTHING_KNOWN;
  private ordered: Ordered = UNORDERED;
  private selected: string | null = null;
  private filter = "";
  private sheet: Sheet = "none";
  private mapProblem: View["mapProblem"] = null;
  /** What the address asks for, `/#lighting.lamps:12`, until it can be shown. */
  private wanted = location.hash.slice(1);
  private readonly hiddenLayers = new Set<string>();
  private readonly hiddenBase = new Set<BaseGroup>();
  private readonly times: TimeWriter;
  private readonly feed: Feed;
  private readonly actions: Actions;
  private map: MapView | null = null;
  private frame = 0;

  constructor(
    private readonly el: HTMLElement,
    private readonly config: PageConfig,
  ) {
    this.times = new TimeWriter(toLanguage(config.lang), config.zone);
    this.actions = this.makeActions();
    this.feed = new Feed(feedUrl(config), {
      onEvent: (event) => {
        this.live = apply(this.live, event);
        if (this.live.clock) cityClock.set(this.live.clock);
        this.showWanted();
        this.schedule();
      },
      onStatus: (status, silentSince) => feedStatus.set({ status, silentSince }),
    });
  }

  start(): void {
    this.el.replaceChildren();
    this.draw();
    feedStatus.watch(() => this.schedule());
    setInterval(() => this.schedule(), TICK_MS);
    addEventListener("online", () => this.feed.retryNow());
    addEventListener("pagehide", () => this.feed.close());
    addEventListener("pageshow", (event) => event.persisted && this.feed.open());
    document.addEventListener("keydown", (event) => onPageKey(this.view(), event));
    document.querySelector("[data-open=help]")?.addEventListener("click", () => openHelp(this.view()));
    if (this.config.layers.length > 0) this.feed.open();
    void this.openMap();
  }

  private async openMap(): Promise<void> {
    const { canDraw, openMap } = await import("@dothi/map/view");
    const container = this.el.querySelector<HTMLElement>(".canvas");
    if (!container || !canDraw()) {
      this.report("webgl");
      return;
    }
    try {
      this.map = await openMap(container, {
        ...this.config.city,
        baseUrl: this.config.base_url,
        language: this.config.lang,
        label: this.view().words.map,
        layers: this.config.layers.map((layer) => layer.id),
        onSelect: (key) => this.actions.select(key),
        onProblem: (problem) => this.report(problem),
      });
      this.el.dataset["map"] = "ready";
      this.showWanted();
      this.schedule();
    } catch {
      this.report("webgl");
    }
  }

  private report(problem: View["mapProblem"]): void {
    this.mapProblem = problem;
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
      select: change((key: string | null) => this.select(key)),
      show: change((key: string) => this.show(key)),
      filter: change((text: string) => {
        this.filter = text;
      }),
      toggleLayer: change((id: string) => {
        toggle(this.hiddenLayers, id);
        this.map?.setLayerVisible(id, !this.hiddenLayers.has(id));
      }),
      toggleBase: change((group: BaseGroup) => {
        toggle(this.hiddenBase, group);
        this.map?.setBaseVisible(group, !this.hiddenBase.has(group));
      }),
      openSheet: change((sheet: Sheet) => {
        this.sheet = sheet;
      }),
      zoomBy: (steps) => this.map?.zoomBy(steps),
      home: () => this.map?.home(),
      retryFeed: () => this.feed.retryNow(),
    };
  }

  private select(key: string | null): void {
    this.selected = key;
    if (key !== null && this.sheet === "none") this.sheet = "objects";
    if (key === null && this.sheet === "objects") this.sheet = "none";
  }

  private show(key: string): void {
    this.select(key);
    const feature = this.live.features.get(key);
    const layer = feature && layerOf(this.config, feature);
    if (feature && layer) this.map?.goTo(this.thing(key, feature, layer), this.coveredPx());
  }

  private showWanted(): void {
    if (!this.map || !this.live.features.has(this.wanted)) return;
    const key = this.wanted;
    this.wanted = "";
    this.show(key);
  }

  /** How much of the map a sheet covers on a narrow screen, where selecting opens one. */
  private coveredPx(): number {
    const narrow = matchMedia("(max-width: 1023px)").matches;
    return narrow ? Math.min(560, this.el.clientHeight * 0.66) : 0;
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
    this.ordered = orderOf(this.live.features, this.config.layers, this.ordered);
    return {
      language,
      words: MESSAGES[language],
      times: this.times,
      config: this.config,
      live: this.live,
      now: cityNow(),
      selected: this.selected,
      filter: this.filter,
      hiddenLayers: this.hiddenLayers,
      hiddenBase: this.hiddenBase,
      sheet: this.sheet,
      mapProblem: this.mapProblem,
      order: matching(this.ordered, this.filter),
      actions: this.actions,
    };
  }

  private draw(): void {
    const view = this.view();
    this.el.dataset["sheet"] = view.sheet;
    render(
      html`${lostBar(view)}
        <aside class="left" aria-label=${view.words.layers}>${layersPanel(view)}</aside>
        <main class="centre"><div class="canvas"></div>${mapFrame(view)}</main>
        <aside class="right" aria-label=${view.words.objects}>${objectsPanel(view)}${detailPanel(view)}</aside>
        ${sheetBar(view)}`,
      this.el,
    );
    this.drawMap(view);
  }

  private drawMap(view: View): void {
    if (!this.map) return;
    const things = new Map(this.config.layers.map((layer) => [layer.id, new Map<string, Thing>()]));
    for (const [key, feature] of this.live.features) {
      const layer = layerOf(this.config, feature);
      if (layer) things.get(layer.id)?.set(key, this.thing(key, feature, layer, view.now));
    }
    for (const [id, ofLayer] of things) this.map.show(id, ofLayer);
    this.drawMark(view);
  }

  private drawMark(view: View): void {
    const feature = this.selected === null ? undefined : this.live.features.get(this.selected);
    const layer = feature && layerOf(this.config, feature);
    if (!feature || !layer || this.selected === null || this.hiddenLayers.has(layer.id)) {
      this.map?.mark(null);
      return;
    }
    const said = describe(feature, layer, view);
    const state = said.late && said.age ? view.words.lateFor(said.age) : said.state;
    const line = [state, said.value].filter(Boolean).join(" · ");
    this.map?.mark(this.thing(this.selected, feature, layer), feature.name, line);
  }

  private thing(key: string, feature: Feature, layer: LayerConfig, now = cityNow()): Thing {
    const { late, form } = formOf(feature, layer, now);
    const { name, lon, lat } = feature;
    return { key, name, lon, lat, form, note: late ? ageOf(feature, now, toLanguage(this.config.lang)) : "" };
  }
}

function toggle<T>(set: Set<T>, value: T): void {
  if (!set.delete(value)) set.add(value);
}
