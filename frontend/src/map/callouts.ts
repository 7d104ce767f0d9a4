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

interface Side {
  readonly anchor: "bottom-left" | "bottom-right";
  readonly offset: [number, number];
}
/** Of the place, where a callout stands. */
const RIGHT: Side = { anchor: "bottom-left", offset: [16, -16] };
const LEFT: Side = { anchor: "bottom-right", offset: [-16, -16] };
/** As near to each other as this, in pixels, two would lie on each other. */
const CLOSE = { x: 300, y: 84 } as const;

/** How wide a callout is drawn at most, with its distance from the place, in pixels. */
const WIDEST = 290;
/** A callout is at least so wide, and so far from its place and the map's edge together, in pixels. */
const LEAST = 120;
const MARGIN = 24;
/** On a map narrower than this the selected place alone is spoken of. */
const NARROW = 600;

interface Drawn {
  readonly marker: Marker;
  readonly isLeft: boolean;
}

export class Callouts {
  private readonly drawn = new Map<string, Drawn>();
  private shown: readonly Callout[] = [];
  private barred: number | null = null;

  constructor(private readonly map: LibreMap) {
    map.on("moveend", () => this.show(this.shown));
  }

  /** Let no callout cross a vertical line, `x` pixels from the map's left. */
  keepClear(x: number): void {
    this.barred = x;
    this.show(this.shown);
  }

  /** Show these, the more important ones first; a later one that would lie on an earlier one is left out. */
  show(callouts: readonly Callout[]): void {
    this.shown = callouts;
    const isNarrow = this.map.getContainer().clientWidth < NARROW;
    const kept = callouts.filter(
      (callout, place) =>
        (callout.selected || !isNarrow) && !callouts.slice(0, place).some((other) => this.isClose(callout, other)),
    );
    const keys = new Set(kept.map((callout) => callout.key));
    for (const key of [...this.drawn.keys()]) if (!keys.has(key)) this.remove(key);
    for (const callout of kept) this.draw(callout);
  }

  private remove(key: string): void {
    this.drawn.get(key)?.marker.remove();
    this.drawn.delete(key);
  }

  private draw(callout: Callout): void {
    const isLeft = this.belongsLeft(callout);
    if (this.drawn.get(callout.key)?.isLeft !== isLeft) this.remove(callout.key);
    const known = this.drawn.get(callout.key);
    const marker = known?.marker ?? new Marker({ element: calloutElement(), ...(isLeft ? LEFT : RIGHT) });
    marker.setLngLat([callout.lon, callout.lat]);
    if (!known) marker.addTo(this.map);
    this.drawn.set(callout.key, { marker, isLeft });
    const element = marker.getElement();
    element.classList.toggle("chosen", callout.selected);
    element.classList.toggle("left", isLeft);
    element.style.maxWidth = this.roomFor(callout, isLeft);
    const [heading, text] = element.children;
    if (heading && heading.textContent !== callout.title) heading.textContent = callout.title;
    if (text && text.textContent !== callout.line) text.textContent = callout.line;
  }

  /** Tell whether there is no room to the right: the map ends there, or a line that nothing may cross. */
  private belongsLeft({ lon, lat }: Callout): boolean {
    const { x } = this.map.project([lon, lat]);
    const width = this.map.getContainer().clientWidth;
    if (width < 2 * WIDEST) return x > width / 2;
    const crosses = (line: number): boolean => x < line && x + WIDEST > line;
    return crosses(width) || (this.barred !== null && crosses(this.barred));
  }

  /** Give how wide a callout may be so that none of it lies outside of a narrow map; "" where there is room. */
  private roomFor({ lon, lat }: Callout, isLeft: boolean): string {
    const { x } = this.map.project([lon, lat]);
    const room = isLeft ? x : this.map.getContainer().clientWidth - x;
    return room > WIDEST ? "" : `${Math.max(LEAST, Math.floor(room) - MARGIN)}px`;
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
