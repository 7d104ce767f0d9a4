import { describe, expect, it } from "vitest";
import { readPalette } from "./palette";
import { difference, type Thing, ThingLayer, thingStyle } from "./things";

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

describe("the style of a layer", () => {
  const { sources, layers } = thingStyle("lighting.lamps", readPalette(document.createElement("div")));

  it("has one source, and what a click looks at", () => {
    expect(Object.keys(sources)).toEqual(["things:lighting.lamps"]);
    expect(layers.every((layer) => "source" in layer && layer.source === "things:lighting.lamps")).toBe(true);
    const { clickable } = new ThingLayer({} as never, "lighting.lamps");
    const names = layers.map((layer) => layer.id);
    expect(names).toContain(clickable.symbols);
    expect(names).toContain(clickable.groups);
  });

  it("hides and shows all its parts together", () => {
    const hidden: string[] = [];
    const map = { setLayoutProperty: (id: string) => hidden.push(id) };
    new ThingLayer(map as never, "lighting.lamps").setVisible(false);
    expect(hidden.sort()).toEqual(layers.map((layer) => layer.id).sort());
  });
});
