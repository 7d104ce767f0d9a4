import { beforeEach, describe, expect, it, vi } from "vitest";

class Bounds {
  readonly corners: number[][] = [];
  extend(corner: number[]): void {
    this.corners.push(corner);
  }
  isEmpty(): boolean {
    return this.corners.length === 0;
  }
}

vi.mock("maplibre-gl", () => ({
  Marker: class {},
  ScaleControl: class {},
  LngLatBounds: Bounds,
  Map: class {},
  prewarm: () => undefined,
  setWorkerUrl: () => undefined,
}));

const { MapView } = await import("./view");

const sent: unknown[] = [];
const looked: { corners: number[][]; bottom: number }[] = [];
const map = {
  fitBounds: (bounds: Bounds, { padding }: { padding: { bottom: number } }) =>
    void looked.push({ corners: bounds.corners, bottom: padding.bottom }),
  on: () => undefined,
  getZoom: () => 12,
  getContainer: () => ({ clientHeight: 800 }),
  getSource: () => ({ setData: (data: { features: unknown[] }) => void sent.push(data.features) }),
};
const open = () => new MapView(map as never, { layers: [] } as never, {} as never);
const PLACE = { lon: 106.66, lat: 11.05 };

describe("the ring of what is selected", () => {
  beforeEach(() => {
    sent.length = 0;
  });

  it("is sent to the map when it comes, moves and goes, and not again meanwhile", () => {
    const view = open();
    view.mark(null);
    expect(sent).toEqual([]);
    view.mark(PLACE);
    view.mark({ ...PLACE });
    expect(sent).toHaveLength(1);
    view.mark({ ...PLACE, lat: 11.06 });
    expect(sent).toHaveLength(2);
    view.mark(null);
    view.mark(null);
    expect(sent).toHaveLength(3);
    expect(sent[2]).toEqual([]);
  });
});

describe("looking at several places", () => {
  it("shows all of them above what is covered, and stays where there are none", () => {
    const view = open();
    view.lookAt([]);
    expect(looked).toEqual([]);
    view.lookAt([PLACE, { lon: 106.7, lat: 11 }]);
    view.lookAt([PLACE], 300);
    const [all, one] = looked;
    expect(all?.corners).toEqual([
      [106.66, 11.05],
      [106.7, 11],
    ]);
    expect((one?.bottom ?? 0) - (all?.bottom ?? 0)).toBe(300);
  });
});
