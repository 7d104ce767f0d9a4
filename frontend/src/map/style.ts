// The schematic base map's style: water, roads by class, names. No glyph server: labels are drawn by the browser.

import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Palette } from "./palette";

export const FONT = ["Be Vietnam Pro"];
export const FONT_MEDIUM = ["Be Vietnam Pro Medium", "Be Vietnam Pro"];
const FONT_ITALIC = ["Be Vietnam Pro Italic", "Be Vietnam Pro"];
export const BASE_SOURCE = "base";

/** Which style layers a person switches together. */
export const GROUPS = {
  roads: [
    "street-case",
    "street",
    "main-case",
    "main",
    "highway-case",
    "highway",
    "street-name",
    "road-name",
    "road-ref",
  ],
  water: ["lake", "stream", "river", "river-name", "lake-name"],
  places: ["district-line", "ward-line", "place-city", "place-ward", "place-district", "area-name"],
} as const;

export function baseStyle(palette: Palette, baseUrl: string, language: string): StyleSpecification {
  return {
    version: 8,
    sources: { [BASE_SOURCE]: { type: "geojson", data: baseUrl } },
    layers: [
      { id: "land", type: "background", paint: { "background-color": palette.land } },
      ...areas(palette),
      ...water(palette),
      ...boundaries(palette),
      ...roads(palette),
      ...names(palette, language),
    ],
  };
}

function isOf(kind: string, ...classes: string[]): FilterSpecification {
  const ofKind: ExpressionSpecification = ["==", ["get", "kind"], kind];
  return classes.length === 0 ? ofKind : ["all", ofKind, ["in", ["get", "class"], ["literal", classes]]];
}

function named(filter: FilterSpecification): FilterSpecification {
  return ["all", filter, ["has", "name:vi"]] as FilterSpecification;
}

/** A width in pixels that grows with the zoom, by pairs of zoom and width. */
function grow(...stops: [zoom: number, width: number][]): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...stops.flat()] as unknown as ExpressionSpecification;
}

/** From which zoom on wards are named. */
export const NAMED_FROM = 11.6;
/** From which zoom on a class of roads is drawn: further out it would only cover the rest. */
const SMALLEST_ZOOM: Record<string, number> = { street: 10.6, main: 8.6 };

const ROUND = { "line-cap": "round", "line-join": "round" } as const;

function areas(palette: Palette): LayerSpecification[] {
  return [
    {
      id: "area",
      type: "fill",
      source: BASE_SOURCE,
      filter: isOf("area"),
      // Its edge is a line of its own.
      paint: { "fill-color": palette.area, "fill-antialias": false },
    },
    {
      id: "area-line",
      type: "line",
      source: BASE_SOURCE,
      filter: isOf("area"),
      paint: { "line-color": palette.areaLine, "line-width": 1, "line-dasharray": [4, 3] },
    },
  ];
}

function water(palette: Palette): LayerSpecification[] {
  const line = (id: string, name: string, width: ExpressionSpecification): LayerSpecification => ({
    id,
    type: "line",
    source: BASE_SOURCE,
    filter: isOf("river", name),
    layout: ROUND,
    paint: { "line-color": palette.water, "line-width": width },
  });
  return [
    { id: "lake", type: "fill", source: BASE_SOURCE, filter: isOf("lake"), paint: { "fill-color": palette.water } },
    line("stream", "stream", grow([9, 1], [12, 3], [15, 10], [18, 40])),
    line("river", "main", grow([8, 4], [11, 13], [13, 28], [15, 70], [18, 300])),
  ];
}

/** Boundaries between areas, dashed: what is close together at low zooms is drawn thinner, then not at all. */
function boundaries(palette: Palette): LayerSpecification[] {
  const line = (id: string, name: string, dash: number[], width: ExpressionSpecification): LayerSpecification => ({
    id,
    type: "line",
    source: BASE_SOURCE,
    filter: isOf("boundary", name),
    layout: { "line-join": "round" },
    paint: { "line-color": palette.boundary, "line-dasharray": dash, "line-width": width },
  });
  return [
    { ...line("ward-line", "ward", [4, 3], grow([9, 0.6], [12, 1], [16, 1.6])), minzoom: 9 } as LayerSpecification,
    line("district-line", "district", [7, 3, 1.5, 3], grow([8, 0.9], [12, 1.5], [16, 2.2])),
  ];
}

function roads(palette: Palette): LayerSpecification[] {
  const line = (id: string, name: string, color: string, width: ExpressionSpecification): LayerSpecification => ({
    id,
    type: "line",
    source: BASE_SOURCE,
    minzoom: SMALLEST_ZOOM[name] ?? 0,
    filter: isOf("road", name),
    layout: ROUND,
    paint: { "line-color": color, "line-width": width },
  });
  return [
    line("street-case", "street", palette.casing, grow([11, 1.4], [13, 3], [16, 9], [18, 22])),
    line("main-case", "main", palette.casing, grow([9, 2], [12, 4.4], [14, 8], [16, 16], [18, 36])),
    line("highway-case", "highway", palette.casing, grow([8, 2.4], [12, 6.4], [14, 11], [16, 22], [18, 50])),
    line("street", "street", palette.road2, grow([11, 0.7], [13, 1.6], [16, 6.6], [18, 18])),
    line("main", "main", palette.road1, grow([9, 1], [12, 2.6], [14, 5.4], [16, 12.4], [18, 30])),
    line("highway", "highway", palette.road1, grow([8, 1.4], [12, 4.2], [14, 8], [16, 17.6], [18, 43])),
  ];
}

/** How names are written on one map: the text itself, and a halo that keeps it readable over lines. */
interface Lettering {
  readonly text: ExpressionSpecification;
  readonly halo: { readonly "text-halo-color": string; readonly "text-halo-width": number };
}

function names(palette: Palette, language: string): LayerSpecification[] {
  const lettering: Lettering = {
    text: ["coalesce", ["get", `name:${language}`], ["get", "name:vi"]],
    halo: { "text-halo-color": palette.land, "text-halo-width": 1.6 },
  };
  const along = (id: string, filter: FilterSpecification, color: string, size: number, minzoom: number) =>
    nameAlong(lettering, { id, filter: named(filter), color, size, zooms: [minzoom, 24] });
  const at = (id: string, filter: FilterSpecification, color: string, size: number, zooms: [number, number]) =>
    nameAt(lettering, { id, filter: named(filter), color, size, zooms });
  return [
    refs(palette),
    along("river-name", isOf("river"), palette.tx3, 12, 10.5),
    at("lake-name", isOf("place", "water"), palette.tx3, 12, [9, 15]),
    along("street-name", isOf("road", "street"), palette.tx3, 11, 13.6),
    along("road-name", isOf("road", "main", "highway"), palette.tx2, 11.5, 11.6),
    at("area-name", isOf("place", "area"), palette.tx3, 11.5, [12.4, 24]),
    at("place-district", isOf("place", "district"), palette.tx3, 12, [9, 24]),
    at("place-ward", isOf("place", "ward"), palette.tx3, 12, [NAMED_FROM, 24]),
    at("place-city", isOf("place", "city"), palette.tx2, 13.5, [8, 12]),
  ];
}

interface NameLayer {
  readonly id: string;
  readonly filter: FilterSpecification;
  readonly color: string;
  readonly size: number;
  readonly zooms: readonly [number, number];
}

/** Write names along lines; a river's stand in its water, in italics and without a halo. */
function nameAlong({ text, halo }: Lettering, { id, filter, color, size, zooms }: NameLayer): LayerSpecification {
  const inWater = id === "river-name";
  return {
    id,
    type: "symbol",
    source: BASE_SOURCE,
    filter,
    minzoom: zooms[0],
    maxzoom: zooms[1],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 420,
      "text-field": text,
      "text-font": inWater ? FONT_ITALIC : FONT_MEDIUM,
      "text-size": size,
      "text-max-angle": 32,
    },
    paint: inWater ? { "text-color": color } : { "text-color": color, ...halo },
  };
}

/** Write names at points. */
function nameAt({ text, halo }: Lettering, { id, filter, color, size, zooms }: NameLayer): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: BASE_SOURCE,
    filter,
    minzoom: zooms[0],
    maxzoom: zooms[1],
    layout: { "text-field": text, "text-font": FONT_MEDIUM, "text-size": size, "text-max-width": 9, "text-padding": 6 },
    paint: { "text-color": color, ...halo },
  };
}

function refs(palette: Palette): LayerSpecification {
  return {
    id: "road-ref",
    type: "symbol",
    source: BASE_SOURCE,
    filter: ["has", "ref"],
    minzoom: 10,
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 640,
      "icon-image": "shield",
      "icon-text-fit": "both",
      "icon-text-fit-padding": [2, 5, 2, 5],
      "icon-rotation-alignment": "viewport",
      "text-rotation-alignment": "viewport",
      "text-field": ["get", "ref"],
      "text-font": FONT_MEDIUM,
      "text-size": 10.5,
    },
    paint: { "text-color": palette.tx2 },
  };
}
