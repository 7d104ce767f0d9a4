// A map of areas of one day: what can be picked there stands in the page's list as well.

import type { Geometry } from "geojson";
import type { ExpressionSpecification, Map as LibreMap, MapGeoJSONFeature } from "maplibre-gl";
import { type Palette, readPalette } from "./palette";
import { editShape } from "./shaping";
import { makeSmallMap, type SmallMapOptions } from "./small";
import { FONT, NAMED_FROM } from "./style";
import { loadFonts } from "./view";

export interface Shade {
  readonly by: string;
  readonly least: number;
  readonly most: number;
}

export interface AreaMapOptions extends SmallMapOptions {
  /** GeoJSON whose features have an id. */
  readonly areasUrl: string;
  /** The area that is marked, if one is. */
  readonly chosen: number | null;
  /** The figure by which areas are shaded, and the bounds of its values. */
  readonly shade?: Shade;
  /** Whether what is drawn are a layer's features, of any shape, instead of areas that fill the map. */
  readonly isLayer?: boolean;
  /** The ground that a page is about, drawn over the areas; null for none. */
  readonly site?: Geometry | null;
  /** The field that holds the shape to be edited, as WKT; null where none is. */
  readonly shapeField?: HTMLTextAreaElement | null;
  onPick(id: number): void;
  /** A place was asked for: by the right button, or a long press. */
  onPlace?(lon: number, lat: number): void;
}

const NEAREST = 17;
const IS_POINT: ExpressionSpecification = ["==", ["geometry-type"], "Point"];

/** Make the map in `el`. Resolves once it is drawn for the first time. */
export async function openAreaMap(el: HTMLElement, options: AreaMapOptions): Promise<void> {
  await loadFonts();
  const palette = readPalette(el);
  const map = makeSmallMap(el, { ...options, nearest: NEAREST }, palette, (made) => {
    addAreas(made, options, palette);
    if (options.site) addSite(made, options.site, palette);
    if (options.shapeField) editShape(made, options.shapeField, palette);
  });
  await new Promise<void>((resolve) => map.once("load", () => resolve()));
}

function addAreas(map: LibreMap, options: AreaMapOptions, palette: Palette): void {
  map.addSource("areas", { type: "geojson", data: options.areasUrl });
  const isChosen: ExpressionSpecification = ["==", ["id"], options.chosen ?? -1];
  map.addLayer({
    id: "areas",
    type: "fill",
    source: "areas",
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: {
      "fill-color": palette.tx1,
      "fill-opacity": options.shade ? shadeOf(options.shade) : opacity(isChosen, options.isLayer === true),
    },
  });
  map.addLayer({
    id: "areas-line",
    type: "line",
    source: "areas",
    layout: { "line-join": "round" },
    paint: options.isLayer
      ? { "line-color": palette.tx2, "line-width": 1.4 }
      : { "line-color": palette.norm, "line-width": 1, "line-dasharray": [4, 3] },
  });
  if (options.isLayer) addPoints(map, isChosen, palette);
  addNames(map, options, palette);
  map.addLayer({
    id: "chosen",
    type: "line",
    source: "areas",
    filter: isChosen,
    layout: { "line-join": "round" },
    paint: { "line-color": palette.tx1, "line-width": 2.5 },
  });
  listen(map, options);
}

/** What is chosen is filled; a layer's features are all of them, so that they stand out of the base map. */
function opacity(isChosen: ExpressionSpecification, isLayer: boolean): ExpressionSpecification {
  return ["case", isChosen, isLayer ? 0.3 : 0.1, isLayer ? 0.12 : 0];
}

function addPoints(map: LibreMap, isChosen: ExpressionSpecification, palette: Palette): void {
  map.addLayer({
    id: "areas-point",
    type: "circle",
    source: "areas",
    filter: IS_POINT,
    paint: {
      "circle-radius": ["case", isChosen, 8, 4.5],
      "circle-color": ["case", isChosen, palette.land, palette.tx2],
      "circle-stroke-color": ["case", isChosen, palette.tx1, palette.land],
      "circle-stroke-width": ["case", isChosen, 3, 1.5],
    },
  });
}

/** The more of a figure, the darker: from hardly to half. */
function shadeOf(shade: Shade): ExpressionSpecification {
  const value: ExpressionSpecification = ["coalesce", ["get", shade.by], shade.least];
  const span = Math.max(shade.most - shade.least, Number.EPSILON);
  return ["interpolate", ["linear"], ["/", ["-", value, shade.least], span], 0, 0.04, 1, 0.55];
}

function addNames(map: LibreMap, options: AreaMapOptions, palette: Palette): void {
  map.addLayer({
    id: "areas-name",
    type: "symbol",
    source: "areas",
    // Nearer than this the base map names areas, without the kind; figures and a layer's names stand nowhere else.
    ...(options.shade || options.isLayer ? {} : { maxzoom: NAMED_FROM }),
    layout: {
      "text-field": ["get", `name:${options.language}`],
      "text-font": FONT,
      "text-size": 11,
      "text-max-width": 7,
      // Below a point, and on anything else.
      "text-offset": ["case", IS_POINT, ["literal", [0, 1.2]], ["literal", [0, 0]]],
    },
    paint: { "text-color": palette.tx2, "text-halo-color": palette.land, "text-halo-width": 1.4 },
  });
}

function listen(map: LibreMap, options: AreaMapOptions): void {
  map.on("contextmenu", (event) => {
    event.preventDefault();
    options.onPlace?.(event.lngLat.lng, event.lngLat.lat);
  });
  const listened = options.isLayer ? ["areas", "areas-line", "areas-point"] : ["areas"];
  map.on("mousemove", listened, () => {
    map.getCanvas().style.cursor = "pointer";
  });
  map.on("mouseleave", listened, () => {
    map.getCanvas().style.cursor = "";
  });
  map.on("click", listened, (event) => {
    const picked = (event.features as MapGeoJSONFeature[] | undefined)?.[0]?.id;
    if (typeof picked === "number" && picked !== options.chosen) options.onPick(picked);
  });
}

function addSite(map: LibreMap, site: Geometry, palette: Palette): void {
  map.addSource("site", { type: "geojson", data: { type: "Feature", properties: {}, geometry: site } });
  map.addLayer({
    id: "site-fill",
    type: "fill",
    source: "site",
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": palette.tx1, "fill-opacity": 0.1 },
  });
  map.addLayer({
    id: "site-line",
    type: "line",
    source: "site",
    layout: { "line-join": "round" },
    paint: { "line-color": palette.tx1, "line-width": 2.5 },
  });
  map.addLayer({
    id: "site-point",
    type: "circle",
    source: "site",
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 8,
      "circle-color": palette.land,
      "circle-stroke-color": palette.tx1,
      "circle-stroke-width": 3,
    },
  });
}
