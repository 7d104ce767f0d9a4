// Things on the map: one GeoJSON source a layer, changed by differences and at most once a frame.

import type { SymbolForm } from "@dothi/page/symbol";
import type {
  ExpressionSpecification,
  GeoJSONSource,
  GeoJSONSourceDiff,
  GeoJSONSourceSpecification,
  LayerSpecification,
  Map as LibreMap,
} from "maplibre-gl";
import { SHARES } from "./images";
import type { Palette } from "./palette";
import { FONT, FONT_MEDIUM } from "./style";

/** One thing as the map draws it; two that are equal in all fields need no change. */
export interface Thing {
  readonly key: string;
  readonly name: string;
  readonly lon: number;
  readonly lat: number;
  readonly form: SymbolForm;
  /** The priority of the alarm it is in, 0 for none. */
  readonly mark: number;
  /** What stands under the symbol at every zoom, such as how late it is; usually nothing. */
  readonly note: string;
}

/** From this zoom on, things stand alone. */
export const UNGROUPED_FROM = 14;

/** What the style holds for a layer of things: they are in it from the begin, as to add them later costs much more. */
export interface ThingStyle {
  readonly sources: Readonly<Record<string, GeoJSONSourceSpecification>>;
  readonly layers: readonly LayerSpecification[];
}

function sourceOf(id: string): string {
  return `things:${id}`;
}

/** Give the style of a layer of things: a source without any, groups, what of a group is in alarm, and what stands alone. */
export function thingStyle(id: string, palette: Palette): ThingStyle {
  const source = sourceOf(id);
  return {
    sources: {
      [source]: {
        type: "geojson",
        data: { type: "FeatureCollection", features: [] },
        promoteId: "key",
        cluster: true,
        clusterRadius: 34,
        clusterMaxZoom: UNGROUPED_FROM - 1,
        clusterProperties: {
          bad: ["+", ["case", [">", ["get", "mark"], 0], 1, 0]],
          worst: ["min", ["case", [">", ["get", "mark"], 0], ["get", "mark"], 9]],
        },
      },
    },
    layers: [groups(source, palette), shares(source), counts(source, palette), symbols(source, palette)],
  };
}

function groups(source: string, palette: Palette): LayerSpecification {
  return {
    id: `${source}:groups`,
    type: "circle",
    source,
    filter: ["has", "point_count"],
    paint: {
      "circle-color": palette.bg2,
      "circle-stroke-color": palette.norm,
      "circle-stroke-width": 1.4,
      "circle-radius": ["step", ["get", "point_count"], 11, 100, 14, 1000, 18],
    },
  };
}

/** A group stays grey; of its ring as much is coloured as the group is in alarm. */
function shares(source: string): LayerSpecification {
  const part: ExpressionSpecification = ["ceil", ["*", SHARES, ["/", ["get", "bad"], ["get", "point_count"]]]];
  return {
    id: `${source}:shares`,
    type: "symbol",
    source,
    filter: ["all", ["has", "point_count"], [">", ["get", "bad"], 0]],
    layout: {
      "icon-image": ["concat", "share-", ["get", "worst"], "-", ["min", SHARES, part]],
      "icon-size": ["step", ["get", "point_count"], 11 / 18, 100, 14 / 18, 1000, 1],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  };
}

function counts(source: string, palette: Palette): LayerSpecification {
  return {
    id: `${source}:counts`,
    type: "symbol",
    source,
    filter: ["has", "point_count"],
    layout: {
      "text-field": ["get", "point_count_abbreviated"],
      "text-font": FONT_MEDIUM,
      "text-size": 11,
      "text-allow-overlap": true,
    },
    paint: { "text-color": palette.tx1 },
  };
}

function symbols(source: string, palette: Palette): LayerSpecification {
  return {
    id: `${source}:symbols`,
    type: "symbol",
    source,
    filter: ["!", ["has", "point_count"]],
    layout: {
      "icon-image": [
        "concat",
        "thing-",
        ["get", "form"],
        ["case", [">", ["get", "mark"], 0], ["concat", "-", ["get", "mark"]], ""],
      ],
      "icon-allow-overlap": true,
      "text-field": ["step", ["zoom"], ["get", "note"], 15.5, ["concat", ["get", "name"], "\n", ["get", "note"]]],
      "text-font": FONT,
      "text-size": 11,
      "text-anchor": "top",
      "text-offset": [0, 0.9],
      "text-optional": true,
      "text-max-width": 12,
    },
    paint: { "text-color": palette.tx2, "text-halo-color": palette.land, "text-halo-width": 1.4 },
  };
}

export class ThingLayer {
  private drawn: ReadonlyMap<string, Thing> = new Map();
  private readonly source: string;

  constructor(
    private readonly map: LibreMap,
    readonly id: string,
  ) {
    this.source = sourceOf(id);
  }

  /** Names of the style layers that a click should look at. */
  get clickable(): { readonly symbols: string; readonly groups: string } {
    return { symbols: `${this.source}:symbols`, groups: `${this.source}:groups` };
  }

  /** Draw exactly these things; only what differs from what is drawn is sent to the map. */
  show(things: ReadonlyMap<string, Thing>): void {
    const diff = difference(this.drawn, things);
    this.drawn = things;
    if (diff === null) return;
    void (this.map.getSource(this.source) as GeoJSONSource).updateData(diff);
  }

  setVisible(visible: boolean): void {
    for (const part of ["symbols", "groups", "shares", "counts"]) {
      this.map.setLayoutProperty(`${this.source}:${part}`, "visibility", visible ? "visible" : "none");
    }
  }

  /** Find out how far to zoom in until a group falls apart. */
  async zoomOfGroup(groupId: number): Promise<number> {
    return (this.map.getSource(this.source) as GeoJSONSource).getClusterExpansionZoom(groupId);
  }
}

function equal(a: Thing, b: Thing): boolean {
  return (
    a.form === b.form &&
    a.mark === b.mark &&
    a.note === b.note &&
    a.name === b.name &&
    a.lon === b.lon &&
    a.lat === b.lat
  );
}

// Asked many times a second of thousands: no list is made of what did not change.

function missing(before: ReadonlyMap<string, Thing>, after: ReadonlyMap<string, Thing>): string[] {
  const found: string[] = [];
  for (const key of before.keys()) if (!after.has(key)) found.push(key);
  return found;
}

function changedIn(before: ReadonlyMap<string, Thing>, after: ReadonlyMap<string, Thing>): Thing[] {
  const found: Thing[] = [];
  for (const [key, thing] of after) {
    const old = before.get(key);
    if (old !== thing && !(old && equal(old, thing))) found.push(thing);
  }
  return found;
}

/** Give what turns one set of things into another as the map library's difference, or null if nothing does. */
export function difference(
  before: ReadonlyMap<string, Thing>,
  after: ReadonlyMap<string, Thing>,
): GeoJSONSourceDiff | null {
  if (before === after) return null;
  const remove = missing(before, after);
  const changed = changedIn(before, after);
  if (remove.length === 0 && changed.length === 0) return null;
  return {
    remove,
    add: changed.map((thing) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [thing.lon, thing.lat] },
      properties: { key: thing.key, name: thing.name, form: thing.form, mark: thing.mark, note: thing.note },
    })),
  };
}
