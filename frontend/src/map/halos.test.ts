import { beforeEach, describe, expect, it, vi } from "vitest";

const added: HTMLElement[] = [];
const places = new Map<HTMLElement, { at?: [number, number]; offset?: [number, number] }>();
vi.mock("maplibre-gl", () => ({
  Marker: class {
    private readonly place: { at?: [number, number]; offset?: [number, number] } = {};
    constructor(private readonly given: { element: HTMLElement; offset: [number, number] }) {
      this.place.offset = given.offset;
      places.set(given.element, this.place);
    }
    setLngLat(at: [number, number]): this {
      this.place.at = at;
      return this;
    }
    setOffset(offset: [number, number]): this {
      this.place.offset = offset;
      return this;
    }
    addTo(): this {
      added.push(this.given.element);
      return this;
    }
    remove(): void {
      added.splice(added.indexOf(this.given.element), 1);
    }
  },
}));

const { AlarmLayer } = await import("./alarms");

/** A map that counts what would draw it again. */
function mapAt(zoom: number) {
  const listeners: (() => void)[] = [];
  const map = {
    zoom,
    drawn: 0,
    on: (_kind: string, listener: () => void) => listeners.push(listener),
    getZoom: () => map.zoom,
    getSource: () => ({
      setData: async () => {
        map.drawn += 1;
      },
    }),
    setPaintProperty: () => {
      map.drawn += 1;
    },
    zoomTo: (wanted: number) => {
      map.zoom = wanted;
      for (const listener of listeners) listener();
    },
  };
  return map;
}

const pin = (key: string, more = {}) => ({ key, priority: 1, form: "un", lon: 106.6, lat: 11, ...more }) as const;

describe("a halo", () => {
  beforeEach(() => {
    added.length = 0;
  });

  it("is around what is urgent and unseen, and around nothing else", () => {
    const alarms = new AlarmLayer(mapAt(12) as never);
    alarms.show([pin("a"), pin("b", { form: "ak" }), pin("c", { form: "cl" }), pin("d", { priority: 2 })]);
    expect(added.map((element) => element.className)).toEqual(["urgent-halo"]);
    expect(added[0]?.ariaHidden).toBe("true");
    alarms.show([pin("a", { form: "ak" })]);
    expect(added).toEqual([]);
  });

  it("follows its alarm, and stays the same element meanwhile", () => {
    const alarms = new AlarmLayer(mapAt(12) as never);
    alarms.show([pin("a")]);
    const [element] = added;
    alarms.show([pin("a", { lon: 106.7 }), pin("b")]);
    expect(added).toHaveLength(2);
    expect(added[0]).toBe(element);
    expect(places.get(element as HTMLElement)?.at).toEqual([106.7, 11]);
  });

  it("stands beside its place while things are grouped, as the alarm's sign does", () => {
    const map = mapAt(13.9);
    new AlarmLayer(map as never).show([pin("a")]);
    const place = places.get(added[0] as HTMLElement);
    expect(place?.offset).toEqual([26, 0]);
    map.zoomTo(14);
    expect(place?.offset).toEqual([0, 0]);
    map.zoomTo(12);
    expect(place?.offset).toEqual([26, 0]);
  });

  it("blinks without the map being drawn again", () => {
    vi.useFakeTimers();
    const map = mapAt(12);
    new AlarmLayer(map as never).show([pin("a")]);
    const { drawn } = map;
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    expect(map.drawn).toBe(drawn);
  });
});
