// Alarms on the map: above everything else, never grouped; of those that are less pressing some give way.

import type { AlarmForm, Priority } from "@dothi/page/alarm-symbol";
import type {
  ExpressionSpecification,
  GeoJSONSource,
  GeoJSONSourceSpecification,
  LayerSpecification,
  Map as LibreMap,
} from "maplibre-gl";
import { BESIDE_PX, Halos } from "./halos";
import { UNGROUPED_FROM } from "./things";

export interface AlarmPin {
  readonly key: string;
  readonly priority: Priority;
  readonly form: AlarmForm;
  readonly lon: number;
  readonly lat: number;
}

const SOURCE = "alarms";
/** Alarms of these priorities are drawn however close they stand. */
const NEVER_HIDDEN = 2;

const BESIDE: ExpressionSpecification = [
  "step",
  ["zoom"],
  ["literal", [BESIDE_PX, 0]],
  UNGROUPED_FROM,
  ["literal", [0, 0]],
];

export const alarmSources: Readonly<Record<string, GeoJSONSourceSpecification>> = {
  [SOURCE]: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
};

/** Give the layers of alarms: those that may give way, and the others. */
export function alarmLayers(): LayerSpecification[] {
  const layout = {
    "icon-image": ["concat", "alarm-", ["get", "priority"], "-", ["get", "form"]],
    "symbol-sort-key": ["get", "priority"],
    "icon-ignore-placement": false,
    "icon-offset": BESIDE,
  } as const;
  return [
    {
      id: "alarms:others",
      type: "symbol",
      source: SOURCE,
      filter: [">", ["get", "priority"], NEVER_HIDDEN],
      layout: { ...layout, "icon-padding": 0 } as object,
    },
    {
      id: "alarms:urgent",
      type: "symbol",
      source: SOURCE,
      filter: ["<=", ["get", "priority"], NEVER_HIDDEN],
      layout: { ...layout, "icon-allow-overlap": true } as object,
    },
  ];
}

export class AlarmLayer {
  readonly clickable = ["alarms:others", "alarms:urgent"] as const;
  private drawn = "";
  private readonly halos: Halos;

  constructor(private readonly map: LibreMap) {
    this.halos = new Halos(map);
  }

  /** Draw exactly these alarms. */
  show(pins: readonly AlarmPin[]): void {
    const features = pins.map((pin) => ({
      type: "Feature" as const,
      properties: { key: pin.key, priority: pin.priority, form: pin.form },
      geometry: { type: "Point" as const, coordinates: [pin.lon, pin.lat] },
    }));
    const written = JSON.stringify(features);
    if (written === this.drawn) return;
    this.drawn = written;
    void (this.map.getSource(SOURCE) as GeoJSONSource).setData({ type: "FeatureCollection", features });
    this.halos.show(pins.filter((pin) => pin.priority === 1 && pin.form === "un"));
  }
}
