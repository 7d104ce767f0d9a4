// The map as the screen uses it: opened once, then drawn from the view like every panel.

import { toLanguage } from "@dothi/language/language";
import type { LiveAlarm } from "@dothi/live/protocol";
import { ALARMS, keyOf } from "@dothi/live/protocol";
import type { AlarmPin, Callout, MapView, Place } from "@dothi/map/view";
import { formOfState } from "@dothi/page/alarm-symbol";
import { inOrder, titleOf } from "./alarms";
import type { PageConfig } from "./config";
import { Drawn } from "./drawn";
import { MESSAGES } from "./messages";
import { takenBy } from "./queue-panel";
import { type Actions, ageOfAlarm, alarmOf, describe, layerOf, type View } from "./view";

/** Beside the selected one so many alarms have their words on the map. */
const MOST_CALLOUTS = 2;
/** Only alarms of these priorities. */
const SPEAKING = 2;

export class Stage {
  map: MapView | null = null;
  problem: View["mapProblem"] = null;
  private drawnCallouts = "";
  private drawnAlarms: View["live"]["alarms"] | null = null;
  private readonly drawn: Drawn;

  constructor(
    private readonly el: HTMLElement,
    private readonly config: PageConfig,
    private readonly changed: () => void,
  ) {
    this.drawn = new Drawn(config.layers);
  }

  /** Open the map; `enlarged` by the page for a wall, where nobody moves it. */
  async open(actions: Pick<Actions, "select" | "dossier">, enlarged = 1): Promise<void> {
    const { openMap } = await import("@dothi/map/view");
    const container = this.el.querySelector<HTMLElement>(".canvas");
    if (!container) return;
    try {
      this.map = await openMap(container, {
        ...this.config.city,
        zoom: this.config.city.zoom - Math.log2(enlarged),
        baseUrl: this.config.base_url,
        language: this.config.lang,
        label: MESSAGES[toLanguage(this.config.lang)].map,
        layers: this.config.layers.map((layer) => layer.id),
        interactive: enlarged === 1,
        enlarged,
        onSelect: (key) => actions.select(key),
        onPlace: (place) => actions.dossier(place),
        onProblem: (problem) => this.report(problem),
      });
      this.changed();
      await this.map.drawn;
      this.el.dataset["map"] = "ready";
    } catch {
      this.report("webgl");
    }
  }

  /** Bring what a key names into the middle of what no sheet covers. */
  goTo(key: string, view: View): void {
    const place = placeOf(view, key);
    if (place) this.map?.goTo(place, this.coveredPx());
  }

  /** Show all there is of what the screen is narrowed to; of the whole city what it began with. */
  lookAtScope(view: View): void {
    const { area, department } = view.scope;
    if (area || department) this.map?.lookAt(view.live.features.values(), this.coveredPx());
    else this.map?.home();
  }

  /** The place that is selected, else the middle of the map; null without either. */
  placeIn(view: View): Place | null {
    return (view.selected === null ? null : placeOf(view, view.selected)) ?? this.map?.middle ?? null;
  }

  draw(view: View): void {
    if (!this.map) return;
    for (const [id, ofLayer] of this.drawn.things(view)) this.map.show(id, ofLayer);
    if (view.live.alarms !== this.drawnAlarms) {
      this.drawnAlarms = view.live.alarms;
      this.map.showAlarms([...view.live.alarms.values()].flatMap(pinOf));
    }
    this.drawCallouts(view);
    const isAllThereIs = this.config.layers.length === 0 && this.config.alarms === null;
    if (view.live.known || isAllThereIs) this.map.complete();
  }

  private report(problem: View["mapProblem"]): void {
    this.problem = problem;
    this.changed();
  }

  private drawCallouts(view: View): void {
    const callouts = calloutsOf(view);
    const written = JSON.stringify(callouts);
    if (written === this.drawnCallouts) return;
    this.drawnCallouts = written;
    this.map?.mark(view.selected === null || this.isHidden(view) ? null : placeOf(view, view.selected));
    this.map?.say(callouts);
  }

  private isHidden(view: View): boolean {
    const feature = view.selected === null ? undefined : view.live.features.get(view.selected);
    return feature !== undefined && view.hiddenLayers.has(feature.layer);
  }

  /** How much of the map a sheet covers on a narrow screen, where selecting opens one. */
  private coveredPx(): number {
    const narrow = matchMedia("(max-width: 1023px)").matches;
    return narrow ? Math.min(560, this.el.clientHeight * 0.66) : 0;
  }
}

function pinOf(alarm: LiveAlarm): AlarmPin[] {
  const { lon, lat } = alarm;
  if (lon === null || lat === null) return [];
  return [{ key: keyOf(ALARMS, alarm.id), priority: alarm.priority, form: formOfState(alarm.state), lon, lat }];
}

/** Find where a key's feature or alarm lies; null for what has no place. */
function placeOf(view: View, key: string): Place | null {
  const alarm = alarmOf(view, key);
  if (alarm) return alarm.lon === null || alarm.lat === null ? null : { lon: alarm.lon, lat: alarm.lat };
  const feature = view.live.features.get(key);
  return feature ? { lon: feature.lon, lat: feature.lat } : null;
}

/** Say what is selected, then the most pressing alarms that still stand. */
function calloutsOf(view: View): Callout[] {
  const key = view.selected;
  const chosen = key === null ? [] : [featureCallout(view, key), alarmCallout(view, alarmOf(view, key), true)];
  const pressing = inOrder(view.live.alarms)
    .filter((alarm) => alarm.priority <= SPEAKING && alarm.cleared_at === null && keyOf(ALARMS, alarm.id) !== key)
    .slice(0, MOST_CALLOUTS)
    .map((alarm) => alarmCallout(view, alarm, false));
  return [...chosen, ...pressing].filter((callout) => callout !== null);
}

function alarmCallout(view: View, alarm: LiveAlarm | undefined, selected: boolean): Callout | null {
  const config = view.config.alarms;
  if (!alarm || !config || alarm.lon === null || alarm.lat === null) return null;
  const line = [alarm.thing, ageOfAlarm(alarm, view.now, view.language), takenBy(view, alarm)];
  return {
    key: keyOf(ALARMS, alarm.id),
    lon: alarm.lon,
    lat: alarm.lat,
    title: titleOf(alarm, config, view.language),
    line: line.filter(Boolean).join(" · "),
    selected,
  };
}

function featureCallout(view: View, key: string): Callout | null {
  const feature = view.live.features.get(key);
  const layer = feature && layerOf(view.config, feature);
  if (!feature || !layer || view.hiddenLayers.has(layer.id)) return null;
  const said = describe(feature, layer, view);
  const state = said.late && said.age ? view.words.lateFor(said.age) : said.state;
  const line = [state, said.value].filter(Boolean).join(" · ");
  return { key, lon: feature.lon, lat: feature.lat, title: feature.name, line, selected: true };
}
