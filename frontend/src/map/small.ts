// The small map of a page: the base map within bounds, past which the page scrolls.

import "maplibre-gl/dist/maplibre-gl.css";
import { type Messages, toLanguage } from "@dothi/language/language";
import { Map as LibreMap, ScaleControl } from "maplibre-gl";
import { addImages } from "./images";
import type { Palette } from "./palette";
import { baseStyle } from "./style";

export type Bounds = readonly [west: number, south: number, east: number, north: number];

export interface SmallMapOptions {
  readonly bounds: Bounds;
  readonly baseUrl: string;
  readonly language: string;
  readonly label: string;
}

/** What the map says to whoever turns the wheel, or moves one finger. */
const GESTURES: Messages<Record<string, string>> = {
  vi: {
    "CooperativeGesturesHandler.WindowsHelpText": "Giữ Ctrl và cuộn để phóng to, thu nhỏ bản đồ",
    "CooperativeGesturesHandler.MacHelpText": "Giữ ⌘ và cuộn để phóng to, thu nhỏ bản đồ",
    "CooperativeGesturesHandler.MobileHelpText": "Dùng hai ngón tay để di chuyển bản đồ",
  },
  en: {
    "CooperativeGesturesHandler.WindowsHelpText": "Hold Ctrl and scroll to zoom the map",
    "CooperativeGesturesHandler.MacHelpText": "Hold ⌘ and scroll to zoom the map",
    "CooperativeGesturesHandler.MobileHelpText": "Use two fingers to move the map",
  },
};
export const PADDING = 24;
export const FARTHEST = 7;

/** Make a small map in `el`; `ready` hears once it can take sources and layers of its own. */
export function makeSmallMap(
  el: HTMLElement,
  options: SmallMapOptions & { readonly nearest: number },
  palette: Palette,
  ready: (map: LibreMap) => void,
): LibreMap {
  const [west, south, east, north] = options.bounds;
  const map = new LibreMap({
    container: el,
    style: baseStyle(palette, options.baseUrl, options.language),
    bounds: [west, south, east, north],
    fitBoundsOptions: { padding: PADDING },
    minZoom: FARTHEST,
    maxZoom: options.nearest,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    // The page scrolls past the map; whoever wants to zoom by the wheel holds a key, as the map says.
    cooperativeGestures: true,
    locale: { "Map.Title": options.label, ...GESTURES[toLanguage(options.language)] },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new ScaleControl({ unit: "metric", maxWidth: 110 }), "bottom-left");
  map.once("style.load", () => {
    addImages(map, palette);
    ready(map);
  });
  return map;
}
