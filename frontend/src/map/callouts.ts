// The few words that stand beside places on the map.

import { type Map as LibreMap, Marker } from "maplibre-gl";

export interface Callout {
  readonly key: string;
  readonly lon: number;
  readonly lat: number;
  readonly title: string;
  readonly line: string;
  readonly selected: boolean;
}

/** As near to each other as this, in pixels, two would lie on each other. */
const CLOSE = { x: 300, y: 84 } as const;

export class Callouts {
  private readonly markers = new Map<string, Marker>();

  constructor(private readonly map: LibreMap) {}

  /** Show these, the more important ones first; a later one that would lie on an earlier one is left out. */
  show(callouts: readonly Callout[]): void {
    const kept = callouts.filter(
      (callout, place) => !callouts.slice(0, place).some((other) => this.isClose(callout, other)),
    );
    const keys = new Set(kept.map((callout) => callout.key));
    for (const [key, marker] of this.markers) {
      if (keys.has(key)) continue;
      marker.remove();
      this.markers.delete(key);
    }
    for (const callout of kept) this.draw(callout);
  }

  private draw(callout: Callout): void {
    let marker = this.markers.get(callout.key);
    if (!marker) {
      marker = new Marker({ element: calloutElement(), anchor: "bottom-left", offset: [16, -16] });
      this.markers.set(callout.key, marker);
      marker.setLngLat([callout.lon, callout.lat]).addTo(this.map);
    }
    marker.setLngLat([callout.lon, callout.lat]);
    const element = marker.getElement();
    element.classList.toggle("chosen", callout.selected);
    const [heading, text] = element.children;
    if (heading && heading.textContent !== callout.title) heading.textContent = callout.title;
    if (text && text.textContent !== callout.line) text.textContent = callout.line;
  }

  private isClose(one: Callout, other: Callout): boolean {
    const a = this.map.project([one.lon, one.lat]);
    const b = this.map.project([other.lon, other.lat]);
    return Math.abs(a.x - b.x) < CLOSE.x && Math.abs(a.y - b.y) < CLOSE.y;
  }
}

function calloutElement(): HTMLElement {
  const element = document.createElement("div");
  element.className = "callout";
  // All it says stands in the panels too.
  element.ariaHidden = "true";
  element.append(document.createElement("b"), document.createElement("span"));
  return element;
}
