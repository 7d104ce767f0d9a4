// Makes "Dothi Figures": the digits of Be Vietnam Pro on one common width, because that font has no tabular figures.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import { createFont } from "fonteditor-core";
import type { Plugin } from "vite";

const WEIGHTS = [400, 500, 600, 700];
const DIGITS = Array.from("0123456789", (digit) => digit.charCodeAt(0));

/** Give the digits of one font file (woff) as a font whose ten digits are equally wide, each centred in its cell. */
export function respace(source: Buffer): Buffer {
  const inflate = (deflated: number[]): number[] => [...inflateSync(Uint8Array.from(deflated))];
  const font = createFont(source, { type: "woff", subset: DIGITS, inflate });
  const data = font.get();
  const digits = data.glyf.filter((glyph) => glyph.unicode?.some((code) => DIGITS.includes(code)));
  // The widest figure (4) with a little room: as narrow as the figures may stand, since most are narrower.
  const width = Math.round(Math.max(...digits.map((glyph) => glyph.xMax - glyph.xMin)) * 1.03);
  for (const glyph of digits) {
    const shift = Math.round((width - glyph.xMax - glyph.xMin) / 2);
    for (const point of glyph.contours.flat()) point.x += shift;
    glyph.leftSideBearing += shift;
    glyph.xMin += shift;
    glyph.xMax += shift;
    glyph.advanceWidth = width;
  }
  // A changed font of an OFL family goes by a name of its own.
  data.name["fontFamily"] = "Dothi Figures";
  font.set(data);
  return Buffer.from(font.write({ type: "woff", toBuffer: true }) as Uint8Array);
}

/** A Vite plugin that writes the four weights to frontend/src/theme/generated/ before anything is bundled. */
export function figures(root: string): Plugin {
  return {
    name: "dothi-figures",
    buildStart() {
      const target = `${root}frontend/src/theme/generated`;
      mkdirSync(target, { recursive: true });
      for (const weight of WEIGHTS) {
        const name = `be-vietnam-pro-latin-${weight}-normal.woff`;
        const source = readFileSync(`${root}node_modules/@fontsource/be-vietnam-pro/files/${name}`);
        writeFileSync(`${target}/figures-${weight}.woff`, respace(source));
      }
    },
  };
}
