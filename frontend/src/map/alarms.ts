// Alarms on the map: above everything else, never grouped; of those that are less pressing some give way.

import type { AlarmForm, Priority } from "@dothi/page/alarm-symbol";
import type {
  ExpressionSpecification,
  GeoJSONSource,
  GeoJSONSourceSpecification,
  LayerSpecification,
  Map as LibreMap,
} from "maplibre-gl";

export interface AlarmPin {
  readonly key: string;
  readonly priority: Priority;
  readonly form: AlarmForm;
  readonly lon: number;
  readonly lat: number;
}

const SOURCE = "alarms";
const BLINK_MS = 500;
/** Alarms of these priorities are drawn however close they stand. */
const NEVER_HIDDEN = 2;

/** While things are grouped, an alarm stands beside its place: it must not cover how many are concerned. */
const BESIDE: ExpressionSpecification = ["step", ["zoom"], ["literal", [26, 0]], 14, ["literal", [0, 0]]];

export const alarmSources: Readonly<Record<string, GeoJSONSourceSpecification>> = {
  [SOURCE]: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
};

/** Give the layers of alarms: those that may give way, the halo of what is urgent and unseen, and the others. */
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
      id: "alarms:halo",
      type: "symbol",
      source: SOURCE,
      filter: ["all", ["==", ["get", "priority"], 1], ["==", ["get", "form"], "un"]],
      layout: {
        "icon-image": "alarm-halo",
        "icon-offset": BESIDE,
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
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
  private hasUrgent = false;
  private isBright = true;

  constructor(private readonly map: LibreMap) {
    setInterval(() => this.blink(), BLINK_MS);
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
    this.hasUrgent = pins.some((pin) => pin.priority === 1 && pin.form === "un");
    void (this.map.getSource(SOURCE) as GeoJSONSource).setData({ type: "FeatureCollection", features });
  }

  /** Only what is urgent and unseen blinks, and only for whoever has not asked for stillness. */
  private blink(): void {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const isBright = isCalm || !this.hasUrgent || !this.isBright;
    if (isBright === this.isBright) return;
    this.isBright = isBright;
    this.map.setPaintProperty("alarms:halo", "icon-opacity", isBright ? 0.9 : 0.15);
  }
}
