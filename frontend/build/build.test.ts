import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { createFont } from "fonteditor-core";
import { describe, expect, it } from "vitest";
import { worthCompressing } from "./compressed";
import { respace } from "./figures";
import { iconsOf } from "./icons";

describe("the figures", () => {
  it("all have one width, and none is cut", () => {
    const source = readFileSync("node_modules/@fontsource/be-vietnam-pro/files/be-vietnam-pro-latin-400-normal.woff");
    const inflate = (deflated: number[]): number[] => [...inflateSync(Uint8Array.from(deflated))];
    const digits = createFont(respace(source), { type: "woff", inflate })
      .get()
      .glyf.filter((glyph) => glyph.unicode);
    expect(digits).toHaveLength(10);
    expect(new Set(digits.map((glyph) => glyph.advanceWidth)).size).toBe(1);
    for (const glyph of digits) {
      expect(glyph.xMin).toBeGreaterThanOrEqual(0);
      expect(glyph.xMax).toBeLessThanOrEqual(glyph.advanceWidth);
    }
  });
});

describe("the icons", () => {
  it("are found in scripts, templates and manifests", () => {
    expect(iconsOf("a.ts", 'icon("x", "s") icon(name)')).toEqual(["x"]);
    expect(iconsOf("a.html", '{% icon "map" "s" %}{% icon item.icon %}')).toEqual(["map"]);
    expect(iconsOf("b/manifest.toml", 'icon = "bulb"')).toEqual(["bulb"]);
    expect(iconsOf("b/city.toml", 'icon = "bulb"')).toEqual([]);
  });
});

describe("compressed copies", () => {
  it("are made of texts that are long enough", () => {
    const files = [
      { name: "a.js", bytes: 1000 },
      { name: "b.css", bytes: 5000 },
      { name: "short.js", bytes: 999 },
      { name: "font.woff2", bytes: 20_000 },
      { name: "a.js.gz", bytes: 2000 },
    ];
    expect(worthCompressing(files)).toEqual(["a.js", "b.css"]);
  });
});
