import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Curtain, PATIENCE_MS } from "./curtain";

/** What the curtain needs of the map library: a painter, sources that load, and frames. */
class FakeMap {
  readonly loaded = new Set<string>();
  pictures = 0;
  private asked = false;
  private readonly watchers = new Set<() => void>();
  readonly painter = {
    render: () => {
      this.pictures += 1;
    },
  };

  on(_event: string, watcher: () => void): void {
    this.watchers.add(watcher);
  }

  off(_event: string, watcher: () => void): void {
    this.watchers.delete(watcher);
  }

  isSourceLoaded(source: string): boolean {
    return this.loaded.has(source);
  }

  triggerRepaint(): void {
    this.asked = true;
  }

  /** Draw frames for as long as one is asked for. */
  draw(): void {
    this.asked = true;
    while (this.asked) {
      this.asked = false;
      this.painter.render();
      for (const watcher of [...this.watchers]) watcher();
    }
  }

  load(...sources: string[]): void {
    for (const source of sources) this.loaded.add(source);
    this.draw();
  }
}

describe("the curtain", () => {
  let map = new FakeMap();
  let drawn = false;
  const make = (): Curtain => {
    const curtain = new Curtain(map as never, ["base", "things", "alarms"]);
    void curtain.drawn.then(() => {
      drawn = true;
    });
    return curtain;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    map = new FakeMap();
    drawn = false;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("lets the first picture be drawn once, with all there is", async () => {
    const curtain = make();
    map.load("base");
    map.load("things");
    curtain.complete();
    map.draw();
    expect(map.pictures).toBe(0);
    map.load("alarms");
    expect(map.pictures).toBe(1);
    await vi.advanceTimersByTimeAsync(10 * PATIENCE_MS);
    map.draw();
    expect([map.pictures, drawn]).toEqual([2, true]);
  });

  it("does not take sources for whole before the map was given all there is", () => {
    make();
    map.load("base", "things", "alarms");
    expect(map.pictures).toBe(0);
  });

  it("shows the base map after a while, when nothing is known yet or things change all the time", async () => {
    make();
    map.load("base");
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    map.draw();
    await vi.advanceTimersByTimeAsync(0);
    expect([map.pictures, drawn]).toEqual([1, true]);
  });

  it("is not drawn before the base map is, however long that takes", async () => {
    const curtain = make();
    curtain.complete();
    map.load("things", "alarms");
    await vi.advanceTimersByTimeAsync(10 * PATIENCE_MS);
    map.draw();
    expect([map.pictures, drawn]).toEqual([0, false]);
    map.load("base");
    await vi.advanceTimersByTimeAsync(0);
    expect([map.pictures, drawn]).toEqual([1, true]);
  });
});
