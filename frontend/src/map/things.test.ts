import { describe, expect, it } from "vitest";
import { difference, type Thing } from "./things";

function drawn(...things: Thing[]): Map<string, Thing> {
  return new Map(things.map((thing) => [thing.key, thing]));
}

const LAMP: Thing = {
  key: "lighting.lamps:1",
  name: "Đèn 1",
  lon: 106.66,
  lat: 11.05,
  form: "filled",
  mark: 0,
  note: "",
};

describe("what is sent to the map", () => {
  it("is nothing while nothing looks different", () => {
    expect(difference(drawn(LAMP), drawn({ ...LAMP }))).toBeNull();
  });

  it("is what is new, what changed and what is gone, and no more", () => {
    const other = { ...LAMP, key: "lighting.lamps:2" };
    const off: Thing = { ...LAMP, form: "hollow" };
    const added = { ...LAMP, key: "lighting.lamps:3" };
    const same = { ...LAMP, key: "lighting.lamps:4" };
    const diff = difference(drawn(LAMP, other, same), drawn(off, added, same));
    expect(diff?.remove).toEqual(["lighting.lamps:2"]);
    expect(diff?.add?.map((feature) => feature.properties?.["key"])).toEqual(["lighting.lamps:1", "lighting.lamps:3"]);
    expect(diff?.add?.[0]?.properties?.["form"]).toBe("hollow");
  });
});
