// The blinking halos of alarms that are urgent and unseen: they lie over the map, which is not drawn again for them.

import { type Map as LibreMap, Marker } from "maplibre-gl";
import { UNGROUPED_FROM } from "./things";

/** While things are grouped, an alarm stands so far beside its place: it must not cover how many are concerned. */
export const BESIDE_PX = 26;

export interface Halo {
  readonly key: string;
  readonly lon: number;
  readonly lat: number;
}

type Offset = [x: number, y: number];

export class Halos {
  private readonly drawn = new Map<string, Marker>();
  private offset: Offset;

  constructor(private readonly map: LibreMap) {
    this.offset = this.offsetNow();
    map.on("zoom", () => this.follow());
  }

  /** Draw exactly these. */
  show(halos: readonly Halo[]): void {
    const keys = new Set(halos.map((halo) => halo.key));
    for (const [key, marker] of [...this.drawn]) {
      if (keys.has(key)) continue;
      marker.remove();
      this.drawn.delete(key);
    }
    for (const { key, lon, lat } of halos) {
      const known = this.drawn.get(key);
      if (known) {
        known.setLngLat([lon, lat]);
        continue;
      }
      const marker = new Marker({ element: haloElement(), offset: this.offset });
      this.drawn.set(key, marker.setLngLat([lon, lat]).addTo(this.map));
    }
  }

  /** Stand where the alarm's sign stands: beside its place while things are grouped, on it when they are not. */
  private follow(): void {
    const offset = this.offsetNow();
    if (offset[0] === this.offset[0]) return;
    this.offset = offset;
    for (const marker of this.drawn.values()) marker.setOffset(offset);
  }

  private offsetNow(): Offset {
    return [this.map.getZoom() < UNGROUPED_FROM ? BESIDE_PX : 0, 0];
  }
}

function haloElement(): HTMLElement {
  const element = document.createElement("div");
  element.className = "urgent-halo";
  // That it is urgent and unseen, the sign below it and the queue say as well.
  element.ariaHidden = "true";
  // The library moves and fades the element itself; what blinks stands inside.
  element.append(document.createElement("i"));
  return element;
}
