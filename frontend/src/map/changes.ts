// A map of what two revisions of a layer have otherwise: dashed is what was, solid is what is, a sign says which of three.

import type { Feature, FeatureCollection, Geometry } from "geojson";
import type { ExpressionSpecification, Map as LibreMap } from "maplibre-gl";
import { addChangeImages } from "./change-images";
import { type Palette, readPalette } from "./palette";
import { type Bounds, makeSmallMap, PADDING, type SmallMapOptions } from "./small";
import { FONT } from "./style";
import { loadFonts } from "./view";

export type ChangeKind = "added" | "changed" | "removed";

export interface ChangeProperties {
  readonly fid: number;
  readonly kind: ChangeKind;
  /** Whether this is where it lies before or after. */
  readonly side: "before" | "after";
  readonly name: string;
  /** Its place in the list of changes, from 0. */
  readonly place: number;
}

export type ChangeFeature = Feature<Geometry, ChangeProperties>;
export type Changes = FeatureCollection<Geometry, ChangeProperties>;

export interface ChangesMapOptions extends SmallMapOptions {
  readonly changes: Changes;
  /** What a kind is called, written below the name. */
  readonly kinds: Readonly<Record<ChangeKind, string>>;
  onPick(fid: number): void;
  onPlace(lon: number, lat: number): void;
}

const SOURCE = "changes";
const NEAREST = 19;
/** As near as one shape alone is looked at. */
const NEAR = 17.5;
/** Around the pointer, in pixels: a line is thin. */
const REACH = 5;
const PICKABLE = ["changes-fill", "changes-was-fill", "changes-was", "changes-now", "changes-point"];
const MARKS = ["picked-was", "picked-now", "picked-point"] as const;
const WAS: ExpressionSpecification = ["==", ["get", "side"], "before"];
const NOW: ExpressionSpecification = ["==", ["get", "side"], "after"];
/** What was and is no more of something that is still there: it is outlined only. */
const LEFT: ExpressionSpecification = ["all", WAS, ["==", ["get", "kind"], "changed"]];
const DASH = [2.6, 1.8];

function isOf(...kinds: string[]): ExpressionSpecification {
  return ["in", ["geometry-type"], ["literal", kinds.flatMap((kind) => [kind, `Multi${kind}`])]];
}

function isPicked(fid: number): ExpressionSpecification {
  return ["==", ["get", "fid"], fid];
}

/** Where features lie together, null for none. */
export function boundsOf(features: readonly ChangeFeature[]): Bounds | null {
  const found: [number, number, number, number] = [180, 90, -180, -90];
  const take = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [x, y] = part;
    if (typeof x !== "number" || typeof y !== "number") {
      part.forEach(take);
      return;
    }
    found[0] = Math.min(found[0], x);
    found[1] = Math.min(found[1], y);
    found[2] = Math.max(found[2], x);
    found[3] = Math.max(found[3], y);
  };
  const walk = (geometry: Geometry): void => {
    if (geometry.type === "GeometryCollection") geometry.geometries.forEach(walk);
    else take(geometry.coordinates);
  };
  for (const each of features) walk(each.geometry);
  return found[0] > found[2] ? null : found;
}

/** Of those that lie on each other where somebody points, give the one after that which is picked already. */
export function nextOf(found: readonly number[], picked: number | null): number | undefined {
  const each = [...new Set(found)];
  const at = picked === null ? -1 : each.indexOf(picked);
  return each[(at + 1) % each.length];
}

export class ChangesMap {
  private picked: number | null = null;

  constructor(
    private readonly map: LibreMap,
    private readonly changes: Changes,
  ) {}

  /** Mark a change; with `isLookedAt` the map goes there. */
  mark(fid: number, { isLookedAt }: { readonly isLookedAt: boolean }): void {
    this.picked = fid;
    for (const mark of MARKS) this.map.setFilter(mark, this.filterOf(mark, fid));
    const bounds = boundsOf(this.changes.features.filter((each) => each.properties.fid === fid));
    if (!isLookedAt || !bounds) return;
    const [west, south, east, north] = bounds;
    this.map.fitBounds([west, south, east, north], { padding: 3 * PADDING, maxZoom: NEAR, duration: 0 });
  }

  /** Let the keyboard move the map. */
  focus(): void {
    this.map.getCanvas().focus({ preventScroll: true });
  }

  /** Give the change that is pointed at, if one is. */
  at(x: number, y: number): number | undefined {
    const box: [[number, number], [number, number]] = [
      [x - REACH, y - REACH],
      [x + REACH, y + REACH],
    ];
    const found = this.map.queryRenderedFeatures(box, { layers: PICKABLE });
    return nextOf(
      found.map((each) => each.properties["fid"] as number),
      this.picked,
    );
  }

  private filterOf(mark: (typeof MARKS)[number], fid: number): ExpressionSpecification {
    if (mark === "picked-point") return ["all", isPicked(fid), isOf("Point")];
    return ["all", isPicked(fid), mark === "picked-was" ? WAS : NOW];
  }
}

/** Make the map in `el`. Resolves once it is drawn for the first time. */
export async function openChangesMap(el: HTMLElement, options: ChangesMapOptions): Promise<ChangesMap> {
  await loadFonts();
  const palette = readPalette(el);
  const bounds = boundsOf(options.changes.features) ?? options.bounds;
  const map = makeSmallMap(el, { ...options, bounds, nearest: NEAREST }, palette, (made) => {
    addChangeImages(made, palette);
    made.addSource(SOURCE, { type: "geojson", data: options.changes });
    addAreas(made, palette);
    addLines(made, palette);
    addMarks(made, palette);
    addPoints(made, palette);
    addNames(made, palette, options.kinds);
  });
  const view = new ChangesMap(map, options.changes);
  listen(map, view, options);
  await new Promise<void>((resolve) => map.once("load", () => resolve()));
  return view;
}

function addAreas(map: LibreMap, palette: Palette): void {
  const isArea = isOf("Polygon");
  map.addLayer({
    id: "changes-was-fill",
    type: "fill",
    source: SOURCE,
    filter: ["all", isArea, LEFT],
    paint: { "fill-color": palette.tx1, "fill-opacity": 0.04, "fill-antialias": false },
  });
  map.addLayer({
    id: "changes-fill",
    type: "fill",
    source: SOURCE,
    filter: ["all", isArea, ["!", LEFT]],
    paint: { "fill-pattern": ["concat", "fill-", ["get", "kind"]] },
  });
}

function addLines(map: LibreMap, palette: Palette): void {
  const line = (id: string, filter: ExpressionSpecification, color: string, width: number, dash?: number[]): void => {
    map.addLayer({
      id,
      type: "line",
      source: SOURCE,
      filter,
      layout: { "line-join": "round" },
      paint: { "line-color": color, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) },
    });
  };
  line("changes-halo", ["!", isOf("Point")], palette.land, 4.4);
  line("changes-was", WAS, palette.tx2, 1.8, DASH);
  line("changes-now", NOW, palette.tx2, 1.8);
}

/** The one that is picked: its lines are as they are, only stronger. */
function addMarks(map: LibreMap, palette: Palette): void {
  for (const [id, dash] of [
    ["picked-was", { "line-dasharray": DASH }],
    ["picked-now", {}],
  ] as const) {
    map.addLayer({
      id,
      type: "line",
      source: SOURCE,
      filter: isPicked(-1),
      layout: { "line-join": "round" },
      paint: { "line-color": palette.tx1, "line-width": 4, ...(dash as object) },
    });
  }
  map.addLayer({
    id: "picked-point",
    type: "symbol",
    source: SOURCE,
    filter: isPicked(-1),
    layout: { "icon-image": "selected", "icon-allow-overlap": true, "icon-ignore-placement": true },
  });
}

function addPoints(map: LibreMap, palette: Palette): void {
  const image: ExpressionSpecification = ["case", LEFT, "change-was", ["concat", "change-", ["get", "kind"]]];
  const layout = { "icon-image": image, "icon-allow-overlap": true, "icon-ignore-placement": true } as const;
  map.addLayer({ id: "changes-point", type: "symbol", source: SOURCE, filter: isOf("Point"), layout });
  map.addLayer({
    id: "changes-along",
    type: "symbol",
    source: SOURCE,
    filter: ["all", isOf("LineString"), ["!", LEFT]],
    layout: {
      ...layout,
      "symbol-placement": "line",
      "symbol-spacing": 90,
      "icon-rotation-alignment": "viewport",
      "icon-size": 0.8,
    },
    paint: { "icon-halo-color": palette.land },
  });
}

function addNames(map: LibreMap, palette: Palette, kinds: Readonly<Record<ChangeKind, string>>): void {
  const { added, changed, removed } = kinds;
  map.addLayer({
    id: "changes-name",
    type: "symbol",
    source: SOURCE,
    filter: ["!", LEFT],
    layout: {
      "text-field": [
        "concat",
        ["get", "name"],
        "\n",
        ["match", ["get", "kind"], "added", added, "removed", removed, changed],
      ],
      "text-font": FONT,
      "text-size": 11,
      "text-max-width": 7,
      // Below a point, and on anything else.
      "text-offset": ["case", isOf("Point"), ["literal", [0, 1.7]], ["literal", [0, 0]]],
    },
    paint: { "text-color": palette.tx1, "text-halo-color": palette.land, "text-halo-width": 2.2 },
  });
}

function listen(map: LibreMap, view: ChangesMap, options: ChangesMapOptions): void {
  map.on("contextmenu", (event) => {
    event.preventDefault();
    options.onPlace(event.lngLat.lng, event.lngLat.lat);
  });
  map.on("mousemove", PICKABLE, () => {
    map.getCanvas().style.cursor = "pointer";
  });
  map.on("mouseleave", PICKABLE, () => {
    map.getCanvas().style.cursor = "";
  });
  map.on("click", (event) => {
    const fid = view.at(event.point.x, event.point.y);
    if (fid !== undefined) options.onPick(fid);
  });
}
