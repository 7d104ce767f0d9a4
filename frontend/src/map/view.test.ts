import { beforeEach, describe, expect, it, vi } from "vitest";

vi.mock("maplibre-gl", () => ({
  Marker: class {},
  ScaleControl: class {},
  Map: class {},
  prewarm: () => undefined,
  setWorkerUrl: () => undefined,
}));

const { MapView } = await import("./view");

const sent: unknown[] = [];
const map = {
  on: () => undefined,
  getZoom: () => 12,
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
