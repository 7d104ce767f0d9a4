// Corners of a shape on the map: dragged, added at the middle of a side, taken out by a double click.

import type { FeatureCollection } from "geojson";
import type { GeoJSONSource, Map as LibreMap, MapLayerMouseEvent, MapLayerTouchEvent } from "maplibre-gl";
import { addCorner, cornersOf, dropCorner, moveCorner, sidesOf } from "./corners";
import type { Palette } from "./palette";

const CORNERS = "shape-corners";
const SIDES = "shape-sides";

/** Let the shape that a field holds as WKT be drawn anew; what is typed there shows on the map as well. */
export function editShape(map: LibreMap, field: HTMLTextAreaElement, palette: Palette): void {
  addLayers(map, palette);
  const show = (): void => {
    (map.getSource(SIDES) as GeoJSONSource).setData(sides(field.value));
    (map.getSource(CORNERS) as GeoJSONSource).setData(handles(field.value));
  };
  const put = (text: string): void => {
    field.value = text;
    show();
  };
  let held: number | null = null;
  const take = (event: MapLayerMouseEvent | MapLayerTouchEvent): void => {
    const handle = event.features?.[0]?.properties as { place: number; isMiddle: boolean } | undefined;
    if (handle === undefined) return;
    event.preventDefault();
    if (handle.isMiddle) put(addCorner(field.value, handle.place));
    held = handle.place + (handle.isMiddle ? 1 : 0);
  };
  map.on("mousedown", CORNERS, take);
  map.on("touchstart", CORNERS, take);
  for (const kind of ["mousemove", "touchmove"] as const) {
    map.on(kind, (event) => {
      if (held !== null) put(moveCorner(field.value, held, event.lngLat.lng, event.lngLat.lat));
    });
  }
  for (const kind of ["mouseup", "touchend"] as const) {
    map.on(kind, () => {
      held = null;
    });
  }
  map.on("dblclick", CORNERS, (event) => {
    const handle = event.features?.[0]?.properties as { place: number; isMiddle: boolean } | undefined;
    event.preventDefault();
    if (handle !== undefined && !handle.isMiddle) put(dropCorner(field.value, handle.place));
  });
  map.on("mouseenter", CORNERS, () => {
    map.getCanvas().style.cursor = "move";
  });
  map.on("mouseleave", CORNERS, () => {
    map.getCanvas().style.cursor = "";
  });
  field.addEventListener("input", show);
  show();
}

function addLayers(map: LibreMap, palette: Palette): void {
  const none: FeatureCollection = { type: "FeatureCollection", features: [] };
  map.addSource(SIDES, { type: "geojson", data: none });
  map.addSource(CORNERS, { type: "geojson", data: none });
  map.addLayer({
    id: SIDES,
    type: "line",
    source: SIDES,
    layout: { "line-cap": "round" },
    paint: { "line-color": palette.tx1, "line-width": 2, "line-dasharray": [1, 2] },
  });
  map.addLayer({
    id: CORNERS,
    type: "circle",
    source: CORNERS,
    paint: {
      "circle-radius": ["case", ["get", "isMiddle"], 4, 7],
      "circle-color": palette.land,
      "circle-stroke-color": palette.tx1,
      "circle-stroke-width": ["case", ["get", "isMiddle"], 1, 2.5],
    },
  });
}

function sides(text: string): FeatureCollection {
  const told = sidesOf(cornersOf(text)).map((side) => ({
    type: "Feature" as const,
    properties: {},
    geometry: { type: "LineString" as const, coordinates: side },
  }));
  return { type: "FeatureCollection", features: told };
}

function handles(text: string): FeatureCollection {
  const corners = cornersOf(text);
  const point = (lon: number, lat: number, place: number, isMiddle: boolean) => ({
    type: "Feature" as const,
    properties: { place, isMiddle },
    geometry: { type: "Point" as const, coordinates: [lon, lat] },
  });
  const features = corners.flatMap((corner, place) => {
    const next = corner.isLinked ? corners[place + 1] : undefined;
    const own = point(corner.lon, corner.lat, place, false);
    if (next === undefined) return [own];
    return [point((corner.lon + next.lon) / 2, (corner.lat + next.lat) / 2, place, true), own];
  });
  return { type: "FeatureCollection", features };
}
