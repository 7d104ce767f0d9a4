// The curtain before a map's first picture: it rises once all that belongs into the picture is there.

import type { Map as LibreMap } from "maplibre-gl";
import { BASE_SOURCE } from "./style";

/** So long after the base map is there it is shown, whatever else may still come, in ms. */
export const PATIENCE_MS = 2_000;

/**
 * Holds back a map's pictures. The library draws one whenever a source, a tile or a letter has come, a dozen before the
 * map is whole; where pixels are drawn by software, each takes the processor from what the next one waits for. All else
 * of a frame is done as always: tiles are asked for, and names find their places.
 */
export class Curtain {
  /** Resolves once the map has drawn its first picture, and the base map is on it. */
  readonly drawn: Promise<void>;
  private readonly paint: LibreMap["painter"]["render"];
  private isUp = false;
  private isComplete = false;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private tellDrawn: () => void = () => undefined;

  /** `sources` are all that the map's style has. */
  constructor(
    private readonly map: LibreMap,
    private readonly sources: readonly string[],
  ) {
    this.paint = map.painter.render;
    map.painter.render = () => undefined;
    this.drawn = new Promise((resolve) => {
      this.tellDrawn = resolve;
    });
    map.on("render", this.look);
  }

  /** Know that the map was given all there is to show: the curtain rises as soon as that can be drawn. */
  complete(): void {
    if (this.isComplete) return;
    this.isComplete = true;
    this.map.triggerRepaint();
  }

  /** Not by the map's own "load": that never comes while things change all the time. */
  private readonly look = (): void => {
    const isLoaded = (source: string): boolean => this.map.isSourceLoaded(source);
    if (!isLoaded(BASE_SOURCE)) return;
    if (this.isUp) {
      this.map.off("render", this.look);
      this.tellDrawn();
    } else if (this.isComplete && this.sources.every(isLoaded)) {
      this.rise();
    } else {
      this.patience ??= setTimeout(() => this.rise(), PATIENCE_MS);
    }
  };

  private rise(): void {
    clearTimeout(this.patience);
    if (this.isUp) return;
    this.isUp = true;
    this.map.painter.render = this.paint;
    this.map.triggerRepaint();
  }
}
