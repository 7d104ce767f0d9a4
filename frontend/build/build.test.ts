import { readdirSync, readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { createFont } from "fonteditor-core";
import postcss from "postcss";
import { describe, expect, it } from "vitest";
import { worthCompressing } from "./compressed";
import { respace } from "./figures";
import { iconsOf } from "./icons";
import { canApply, leaveUnused, wordsIn, wordsOf } from "./used";

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

describe("the library's styles", () => {
  const words = wordsOf(['<a class="btn form-{{ kind }}" data-bs-theme="dark">', 'el.className = "ico";']);
  const cut = (css: string, from: string): string => {
    const sheet = postcss.parse(css, { from });
    leaveUnused(sheet, words);
    return sheet.toString();
  };
  const LIBRARY = "/x/node_modules/@tabler/core/dist/css/tabler.min.css";

  it("are used where all their classes are named somewhere", () => {
    expect(canApply("a:hover", words)).toBe(true);
    expect(canApply(".btn.ico > svg", words)).toBe(true);
    expect(canApply(".btn .badge", words)).toBe(false);
    expect(canApply(".btn-icon", words)).toBe(false);
    expect(canApply(".btn:hover:not(.badge):is(.a, .b:not(.c))", words)).toBe(true);
    expect(canApply("[data-bs-theme=dark] .btn", words)).toBe(true);
    expect(canApply("[data-bs-theme-base=gray]", words)).toBe(false);
  });

  it("lose what nothing can use, and nothing else", () => {
    const css = ".badge,.btn{color:red}.badge{top:0}@media print{.badge{top:0}}@keyframes x{from{top:0}to{top:1px}}";
    expect(cut(css, LIBRARY)).toBe(".btn{color:red}@keyframes x{from{top:0}to{top:1px}}");
  });

  it("lose the variables that nobody reads, one after the other", () => {
    const css = ":root{--one:1;--two:var(--one);--three:var(--two);--four:4;--five:5}.btn{top:var(--four,var(--five))}";
    expect(cut(css, LIBRARY)).toBe(":root{--four:4;--five:5}.btn{top:var(--four,var(--five))}");
  });

  it("are cut alone: our own sheets stay as they are written", () => {
    const css = ".never{--a:1}.empty{}";
    expect(cut(css, "/x/frontend/src/theme/base.css")).toBe(css);
  });

  it("keep every class that Python gives a form's widgets", () => {
    const root = `${process.cwd()}/`;
    const known = wordsOf([readFileSync("node_modules/@tabler/core/dist/css/tabler.min.css", "utf8")]);
    const inPages = wordsIn(root);
    const given = new Set(
      readdirSync("src/dothi", { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".py"))
        .flatMap((path) => [...readFileSync(`src/dothi/${path}`, "utf8").matchAll(/"class": f?"([^"]*)"/g)])
        .flatMap(([, classes]) => (classes ?? "").split(/\s+/)),
    );
    expect(given).toContain("form-control");
    expect([...given].filter((name) => known.has(name) && !inPages.has(name))).toEqual([]);
  });
});
