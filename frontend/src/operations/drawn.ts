// What the map is given of each thing: the very same object for as long as it is drawn the same.

import type { Feature } from "@dothi/live/protocol";
import { isLate } from "@dothi/live/state";
import type { Thing } from "@dothi/map/view";
import { marksOf } from "./alarms";
import type { LayerConfig } from "./config";
import { ageOf, formOf, type View } from "./view";

type Shown = Pick<View, "live" | "now" | "language">;

export class Drawn {
  private readonly layers: ReadonlyMap<string, LayerConfig>;
  private readonly known = new WeakMap<Feature, Thing>();
  private alarms: View["live"]["alarms"] = new Map();
  private marks: ReturnType<typeof marksOf> = new Map();
  private features: View["live"]["features"] | null = null;
  private second = 0;
  private found: ReadonlyMap<string, ReadonlyMap<string, Thing>> = new Map();

  constructor(layers: readonly LayerConfig[]) {
    this.layers = new Map(layers.map((layer) => [layer.id, layer]));
  }

  /**
   * Give the things of each layer by key: a feature of a layer that the page does not know is none. The very same map is
   * given until things or alarms change, or a second goes by, after which some may be late.
   */
  things(view: Shown): ReadonlyMap<string, ReadonlyMap<string, Thing>> {
    const { features, alarms } = view.live;
    const second = Math.floor(view.now / 1000);
    const isSame = features === this.features && alarms === this.alarms && second === this.second;
    if (!isSame) this.found = this.look(view);
    this.features = features;
    this.second = second;
    return this.found;
  }

  private look(view: Shown): ReadonlyMap<string, ReadonlyMap<string, Thing>> {
    if (view.live.alarms !== this.alarms) {
      this.alarms = view.live.alarms;
      this.marks = marksOf(this.alarms.values());
    }
    const found = new Map([...this.layers].map(([id, layer]) => [id, { layer, things: new Map<string, Thing>() }]));
    for (const [key, feature] of view.live.features) {
      const of = found.get(feature.layer);
      if (of) of.things.set(key, this.thing(view, key, feature, of.layer));
    }
    return new Map([...found].map(([id, { things }]) => [id, things]));
  }

  private thing(view: Shown, key: string, feature: Feature, layer: LayerConfig): Thing {
    const mark = this.marks.get(feature.id) ?? 0;
    const late = isLate(feature, view.now, layer.late_after_s);
    const note = late ? ageOf(feature, view.now, view.language) : "";
    const known = this.known.get(feature);
    // Whether it is late shows in the note, unless it never reported; then it is late for good.
    if (known?.mark === mark && known.note === note) return known;
    const { name, lon, lat } = feature;
    const { form } = formOf(feature, layer, view.now);
    const made: Thing = { key, name, lon, lat, form, mark, note };
    this.known.set(feature, made);
    return made;
  }
}
