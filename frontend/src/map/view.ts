// The map itself; nothing outside this folder knows which library draws it.

import "maplibre-gl/dist/maplibre-gl.css";
import type { Feature, Point } from "geojson";
import {
  type LayerSpecification,
  Map as LibreMap,
  LngLatBounds,
  type MapMouseEvent,
  prewarm,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { AlarmLayer, type AlarmPin, alarmLayers, alarmSources } from "./alarms";
import { type Callout, Callouts } from "./callouts";
import { Curtain } from "./curtain";
import { addImages } from "./images";
import { type Palette, readPalette } from "./palette";
import { baseStyle, GROUPS } from "./style";
import { type Thing, ThingLayer, thingStyle } from "./things";

// The library's worker starts while the page is still being put together.
setWorkerUrl(workerUrl);
// Without workers, as in a test outside of a browser, nothing is drawn either.
if ("Worker" in globalThis) prewarm();

export type { AlarmPin } from "./alarms";
export type { Callout } from "./callouts";
export type { Thing } from "./things";
export type BaseGroup = keyof typeof GROUPS;

/** A thing that is looked at stands alone from this zoom on, as a rule. */
const NEAR = 14.5;
/** Between the outermost of several things and the map's edge, in pixels. */
const MARGIN_PX = 64;

/** Degrees, WGS 84. */
export interface Place {
  readonly lon: number;
  readonly lat: number;
}

export interface MapOptions {
  readonly center: readonly [lon: number, lat: number];
  readonly bounds: readonly [west: number, south: number, east: number, north: number];
  readonly zoom: number;
  readonly baseUrl: string;
  readonly language: string;
  readonly label: string;
  readonly layers: readonly string[];
  /** Whether people move the map; on the wall nobody does. */
  readonly interactive: boolean;
  /** How much larger than drawn the page shows the map, so that it is drawn as fine; 1 on a desk. */
  readonly enlarged: number;
  onSelect(key: string | null): void;
  /** A place was asked for: by the right button, or a long press. */
  onPlace(place: Place): void;
  onProblem(problem: "webgl" | "base"): void;
}

/** Letters of both languages: a browser loads only those files of a font whose letters are asked for. */
const SAMPLE = "Đường phố Hồ Văn Cống – ềễợựỹ 0123";

/** Load the map's fonts first: its labels are drawn once, with whatever font is there then. */
export async function loadFonts(): Promise<void> {
  const faces = ["400", "500"].map((weight) => document.fonts.load(`${weight} 12px "Be Vietnam Pro"`, SAMPLE));
  await Promise.allSettled(faces);
}

/** Say whether this browser can draw the map at all. */
export function canDraw(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

/** Make the map in `el`. Resolves once it can take things; rejects if it can't be made, as without WebGL. */
export async function openMap(el: HTMLElement, options: MapOptions): Promise<MapView> {
  const palette = readPalette(el);
  const fonts = loadFonts();
  const map = makeMap(el, options);
  await fonts;
  const style = wholeStyle(palette, options);
  const curtain = new Curtain(map, Object.keys(style.sources));
  map.setStyle(style);
  // Not "load": things are to be in the first picture, not to come after the base map has been drawn without them.
  await new Promise<void>((resolve) => map.once("style.load", () => resolve()));
  addImages(map, palette);
  return new MapView(map, options, curtain);
}

/** The style with all that will ever be in it: each layer that is added to it later is compared with all the others. */
function wholeStyle(palette: Palette, options: MapOptions): StyleSpecification {
  const base = baseStyle(palette, options.baseUrl, options.language);
  const things = options.layers.map((id) => thingStyle(id, palette));
  const selected: LayerSpecification = {
    id: "selected",
    type: "symbol",
    source: "selected",
    layout: { "icon-image": "selected", "icon-allow-overlap": true, "icon-ignore-placement": true },
  };
  const sources = {
    ...base.sources,
    ...Object.assign({}, ...things.map((each) => each.sources)),
    selected: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    ...alarmSources,
  } as StyleSpecification["sources"];
  const layers = [...base.layers, ...things.flatMap((each) => each.layers), selected, ...alarmLayers()];
  return { ...base, sources, layers };
}

/** Make the map without anything to draw: the drawing ground is set up while the fonts are on their way. */
function makeMap(el: HTMLElement, options: MapOptions): LibreMap {
  const [west, south, east, north] = options.bounds;
  const map = new LibreMap({
    container: el,
    center: [...options.center],
    zoom: options.zoom,
    minZoom: 8,
    maxZoom: 18.5,
    maxBounds: [west - 0.5, south - 0.4, east + 0.5, north + 0.4],
    attributionControl: false,
    interactive: options.interactive,
    pixelRatio: devicePixelRatio * options.enlarged,
    pitchWithRotate: false,
    dragRotate: false,
    // What changed is there at once; else the whole map would be drawn again and again after each change.
    fadeDuration: 0,
    // Our own style, whose form the compiler knows.
    validateStyle: false,
    locale: { "Map.Title": options.label },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
  map.on("error", (event) => {
    if ("sourceId" in event && event.sourceId === "base") options.onProblem("base");
  });
  map.on("webglcontextlost", () => options.onProblem("webgl"));
  // When names or signs came, the library finds places for them and draws, then does all of it once more, for what it may
  // have placed in part. What does not fade is placed as a whole in each frame: the second picture is the first again.
  map.on("render", () => {
    map._placementDirty = false;
  });
  return map;
}

export class MapView {
  private readonly layers: readonly ThingLayer[];
  private readonly alarms: AlarmLayer;
  private readonly callouts: Callouts;
  private marked: Place | null = null;

  constructor(
    private readonly map: LibreMap,
    private readonly options: MapOptions,
    private readonly curtain: Curtain,
  ) {
    this.layers = options.layers.map((id) => new ThingLayer(map, id));
    this.alarms = new AlarmLayer(map);
    this.callouts = new Callouts(map);
    map.on("click", (event) => void this.click(event));
    map.on("contextmenu", (event) => {
      event.preventDefault();
      options.onPlace({ lon: event.lngLat.lng, lat: event.lngLat.lat });
    });
    map.on("mousemove", (event) => {
      // Whoever drags the map points at nothing on it; to look what is there costs more than to move it.
      if (event.originalEvent.buttons !== 0) return;
      map.getCanvas().style.cursor = this.hits(event).length > 0 ? "pointer" : "";
    });
  }

  /** Draw exactly these things on a layer. */
  show(layerId: string, things: ReadonlyMap<string, Thing>): void {
    this.layers.find((layer) => layer.id === layerId)?.show(things);
  }

  /** Know that the map was given all that is there now: it may draw its first picture, and is not to wait for more. */
  complete(): void {
    this.curtain.complete();
  }

  /** Resolves once the map has drawn its first picture, and the base map is on it. */
  get drawn(): Promise<void> {
    return this.curtain.drawn;
  }

  /** Draw exactly these alarms. */
  showAlarms(pins: readonly AlarmPin[]): void {
    this.alarms.show(pins);
  }

  /** Ring a place in white, or none. */
  mark(place: Place | null): void {
    if (place?.lon === this.marked?.lon && place?.lat === this.marked?.lat) return;
    this.marked = place;
    const source = this.map.getSource("selected") as import("maplibre-gl").GeoJSONSource;
    source.setData({ type: "FeatureCollection", features: place === null ? [] : [pointAt(place)] });
  }

  /** Say something beside some places: the first is the selected one; those that would lie on it give way. */
  say(callouts: readonly Callout[]): void {
    this.callouts.show(callouts);
  }

  /** Bring a thing into the middle of what is not covered at the foot (pixels), near enough that it stands alone. */
  goTo(place: Place, coveredPx = 0): void {
    const zoom = Math.max(this.map.getZoom(), NEAR);
    this.map.easeTo({ center: [place.lon, place.lat], zoom, offset: [0, -coveredPx / 2], ...this.pace() });
  }

  /** Show all of some places at once, above what is covered at the foot (pixels); without any nothing moves. */
  lookAt(places: Iterable<Place>, coveredPx = 0): void {
    const bounds = new LngLatBounds();
    for (const { lon, lat } of places) bounds.extend([lon, lat]);
    if (bounds.isEmpty()) return;
    // With less room than its margins the library would not move at all.
    const bottom = Math.min(MARGIN_PX + coveredPx, this.map.getContainer().clientHeight - 2 * MARGIN_PX);
    const padding = { top: MARGIN_PX, right: MARGIN_PX, bottom: Math.max(bottom, 0), left: MARGIN_PX };
    this.map.fitBounds(bounds, { padding, maxZoom: NEAR, ...this.pace() });
  }

  /** The place in the middle. */
  get middle(): Place {
    const { lng, lat } = this.map.getCenter();
    return { lon: lng, lat };
  }

  zoomBy(steps: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + steps, duration: 200, ...this.pace() });
  }

  home(): void {
    this.map.easeTo({ center: [...this.options.center], zoom: this.options.zoom, ...this.pace() });
  }

  /**
   * Keep names off a vertical line of the map, `x` pixels from its left: where two screens meet. An unseen sign takes
   * the place there before any name does. For a map that nobody moves.
   */
  keepClear(x: number): void {
    const { clientHeight } = this.map.getContainer();
    if (x <= 0 || this.map.getSource("clear")) return;
    const features = Array.from({ length: Math.ceil(clientHeight / 16) }, (_, place) => {
      const { lng, lat } = this.map.unproject([x, place * 16]);
      return pointAt({ lon: lng, lat });
    });
    this.callouts.keepClear(x);
    this.map.addSource("clear", { type: "geojson", data: { type: "FeatureCollection", features } });
    this.map.addLayer({
      id: "clear",
      type: "symbol",
      source: "clear",
      layout: { "icon-image": "nothing", "icon-allow-overlap": true },
    });
  }

  setLayerVisible(layerId: string, visible: boolean): void {
    this.layers.find((layer) => layer.id === layerId)?.setVisible(visible);
  }

  setBaseVisible(group: BaseGroup, visible: boolean): void {
    for (const id of GROUPS[group]) this.map.setLayoutProperty(id, "visibility", visible ? "visible" : "none");
  }

  private pace(): { duration?: number } {
    return matchMedia("(prefers-reduced-motion: reduce)").matches ? { duration: 0 } : {};
  }

  private hits(event: MapMouseEvent): ReturnType<LibreMap["queryRenderedFeatures"]> {
    const { x, y } = event.point;
    const things = this.layers.flatMap((layer) => [layer.clickable.symbols, layer.clickable.groups]);
    const layers = [...this.alarms.clickable, ...things];
    // A little wider than the point itself: a finger is not a pixel.
    return this.map.queryRenderedFeatures(
      [
        [x - 8, y - 8],
        [x + 8, y + 8],
      ],
      { layers },
    );
  }

  private async click(event: MapMouseEvent): Promise<void> {
    const hit = this.hits(event)[0];
    if (!hit) return this.options.onSelect(null);
    const group = hit.properties["cluster_id"] as number | undefined;
    if (group === undefined) return this.options.onSelect(String(hit.properties["key"]));
    const layer = this.layers.find((each) => each.clickable.groups === hit.layer.id);
    const zoom = (await layer?.zoomOfGroup(group)) ?? this.map.getZoom() + 2;
    this.map.easeTo({ center: event.lngLat, zoom, ...this.pace() });
  }
}

function pointAt(place: Place): Feature<Point> {
  return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [place.lon, place.lat] } };
}
