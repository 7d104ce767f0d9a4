// The pictures of what befell features: a sign for points and along lines, and the same sign as a pattern for areas.

import { SYMBOL } from "@dothi/page/symbol";
import type { Map as LibreMap } from "maplibre-gl";
import { type Draw, disc, draw, RATIO } from "./images";
import type { Palette } from "./palette";

const SIGN_SIZE = 24;
const RADIUS = 8;
const TILE = 10;
/** Half of a sign's width: on a disc, and in a tile. */
const ARM = 3.2;
const SMALL = 2.4;

type Stroke = readonly [x1: number, y1: number, x2: number, y2: number];

const across = (arm: number): Stroke[] => [
  [-arm, 0, arm, 0],
  [0, -arm, 0, arm],
];
const crossed = (arm: number): Stroke[] => [
  [-arm, -arm, arm, arm],
  [-arm, arm, arm, -arm],
];
const slanted = (arm: number): Stroke[] => [[-arm, arm, arm, -arm]];

function strokes(lines: readonly Stroke[], color: string, width: number): Draw {
  return (context) => {
    context.beginPath();
    for (const [x1, y1, x2, y2] of lines) {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.lineWidth = width;
    context.lineCap = "round";
    context.strokeStyle = color;
    context.stroke();
  };
}

/** Lines from corner to corner, which meet those of the next tile. */
const HATCH: readonly Stroke[] = [
  [-TILE / 2, TILE / 2, TILE / 2, -TILE / 2],
  [-TILE / 2 - 2, -TILE / 2 + 2, -TILE / 2 + 2, -TILE / 2 - 2],
  [TILE / 2 - 2, TILE / 2 + 2, TILE / 2 + 2, TILE / 2 - 2],
];

function over(...drawn: readonly Draw[]): Draw {
  return (context) => {
    for (const each of drawn) each(context);
  };
}

/** Add "change-KIND" for points, "change-was" for where one lay, and "fill-KIND" for areas. */
export function addChangeImages(map: LibreMap, palette: Palette): void {
  const add = (name: string, size: number, paint: Draw): void => {
    map.addImage(name, draw(size, paint), { pixelRatio: RATIO });
  };
  const now = disc(palette.tx1, palette.land, [], RADIUS);
  const was = disc(palette.land, palette.tx1, SYMBOL.dash, RADIUS);
  add("change-added", SIGN_SIZE, over(now, strokes(across(ARM), palette.land, 1.8)));
  add("change-changed", SIGN_SIZE, over(now, strokes(slanted(ARM), palette.land, 1.8)));
  add("change-removed", SIGN_SIZE, over(was, strokes(crossed(ARM), palette.tx1, 1.8)));
  add("change-was", SIGN_SIZE, was);
  add("fill-added", TILE, strokes(across(SMALL), palette.tx2, 1.1));
  add("fill-changed", TILE, strokes(HATCH, palette.tx2, 1.1));
  add("fill-removed", TILE, strokes(crossed(SMALL), palette.tx2, 1.1));
}
