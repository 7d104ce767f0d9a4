import type { ChangeFeature, ChangeProperties, Changes } from "@dothi/map/changes";
import { describe, expect, it, vi } from "vitest";

vi.mock("maplibre-gl", () => ({
  Marker: class {},
  ScaleControl: class {},
  Map: class {},
  prewarm: () => undefined,
  setWorkerUrl: () => undefined,
}));

const { boundsOf, nextOf } = await import("@dothi/map/changes");
const { changeOf, countDrawn, rowAddress } = await import("./changes");

const told = (fid: number, place = 0): ChangeProperties => ({ fid, kind: "changed", side: "after", name: "", place });
const feature = (fid: number, geometry: ChangeFeature["geometry"]): ChangeFeature => ({
  type: "Feature",
  properties: told(fid),
  geometry,
});
const POINT = { type: "Point", coordinates: [106.7, 11] } as const;

describe("changes that are drawn", () => {
  it("are counted once, whatever they have of shapes", () => {
    const features = [feature(1, POINT as never), feature(1, POINT as never), feature(2, POINT as never)];
    expect(countDrawn({ type: "FeatureCollection", features } as Changes)).toBe(2);
  });

  it("lie together within the bounds of all their shapes", () => {
    const ring = [
      [106.7, 11],
      [106.9, 11.1],
      [106.8, 11.3],
      [106.7, 11],
    ];
    const line = { type: "LineString", coordinates: [[106.5, 11.2] as number[], [106.6, 11.2]] } as const;
    const both = { type: "GeometryCollection", geometries: [line, POINT] };
    expect(boundsOf([feature(1, { type: "MultiPolygon", coordinates: [[ring]] })])).toEqual([106.7, 11, 106.9, 11.3]);
    expect(boundsOf([feature(1, both as never)])).toEqual([106.5, 11, 106.7, 11.2]);
    expect(boundsOf([feature(1, POINT as never)])).toEqual([106.7, 11, 106.7, 11]);
    expect(boundsOf([])).toBeNull();
  });
});

describe("a shape that is pointed at", () => {
  it("is the next of those that lie on each other", () => {
    expect(nextOf([], null)).toBeUndefined();
    expect(nextOf([7], null)).toBe(7);
    expect(nextOf([7], 7)).toBe(7);
    expect(nextOf([7, 7, 8, 9], 7)).toBe(8);
    expect(nextOf([7, 8, 9], 9)).toBe(7);
    expect(nextOf([8, 9], 7)).toBe(8);
  });

  it("has a row on a page of the list", () => {
    expect(rowAddress("?with=1&page=", 200, told(12, 199))).toBe("?with=1&page=1#change-12");
    expect(rowAddress("?with=1&page=", 200, told(12, 200))).toBe("?with=1&page=2#change-12");
  });
});

describe("an address", () => {
  it("names a change, or none", () => {
    expect(changeOf("#change-12")).toBe(12);
    expect(changeOf("#change-")).toBeNull();
    expect(changeOf("#change-1234567890123456")).toBeNull();
    expect(changeOf("#remarks")).toBeNull();
    expect(changeOf("")).toBeNull();
  });
});
