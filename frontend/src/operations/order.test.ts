import type { Feature } from "@dothi/live/protocol";
import { describe, expect, it } from "vitest";
import { fold, Listing, matching, orderOf, UNORDERED } from "./order";

function things(...names: string[]): Map<string, Feature> {
  const made = names.map((name, id) => {
    const feature = { layer: "lighting.lamps", id, name, lon: 0, lat: 0, state: "on", value: null, unit: "" };
    return [
      `lighting.lamps:${id}`,
      { ...feature, observed_at: null, simulated: false, area: "", department: "" },
    ] as const;
  });
  return new Map<string, Feature>(made);
}

const LAYERS = [{ id: "lighting.lamps" }];

describe("the order of the list", () => {
  it("is by name, numbers as numbers, and leaves out layers the page does not know", () => {
    const features = things("Đèn 10", "Đèn 9", "Bơm 1");
    features.set("air.stations:7", { ...(features.get("lighting.lamps:0") as Feature), layer: "air.stations" });
    const ordered = orderOf(features, LAYERS, UNORDERED);
    expect(ordered.keys.map((key) => features.get(key)?.name)).toEqual(["Bơm 1", "Đèn 9", "Đèn 10"]);
  });

  it("stays the very same while only values change", () => {
    const ordered = orderOf(things("A", "B"), LAYERS, UNORDERED);
    expect(orderOf(things("A", "B"), LAYERS, ordered)).toBe(ordered);
    expect(orderOf(things("A", "C"), LAYERS, ordered)).not.toBe(ordered);
  });
});

describe("the list", () => {
  it("is the very same while neither names nor the filter change", () => {
    const listing = new Listing();
    const first = listing.of(things("A 1", "B 1"), LAYERS, "b");
    expect(first).toEqual(["lighting.lamps:1"]);
    expect(listing.of(things("A 1", "B 1"), LAYERS, "b")).toBe(first);
    expect(listing.of(things("A 1", "B 1"), LAYERS, "")).toHaveLength(2);
    expect(listing.of(things("A 1", "C 1"), LAYERS, "")).toHaveLength(2);
    expect(listing.of(things("A 1", "C 1"), LAYERS, "b")).toEqual([]);
  });
});

describe("the filter", () => {
  it("does not mind diacritics, case, or the order of words", () => {
    expect(fold("Đường Huỳnh Văn Lũy")).toBe("duong huynh van luy");
    const ordered = orderOf(things("Đèn Phạm Ngọc Thạch 01", "Đèn Hùng Vương 01"), LAYERS, UNORDERED);
    expect(matching(ordered, "thach NGOC")).toEqual(["lighting.lamps:0"]);
    expect(matching(ordered, "đèn 01")).toHaveLength(2);
    expect(matching(ordered, "xyz")).toEqual([]);
  });
});
