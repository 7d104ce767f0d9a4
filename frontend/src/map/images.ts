// The map's small pictures, drawn here so that they follow the theme and stay sharp.

import { SYMBOL } from "@dothi/page/symbol";
import type { Map as LibreMap } from "maplibre-gl";
import type { Palette } from "./palette";

const RATIO = 2;
const SIZE = 24;

type Draw = (context: CanvasRenderingContext2D) => void;

function draw(size: number, paint: Draw): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = size * RATIO;
  canvas.height = size * RATIO;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas to draw the map's symbols on");
  context.scale(RATIO, RATIO);
  context.translate(size / 2, size / 2);
  paint(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function disc(fill: string, stroke: string, dash: readonly number[]): Draw {
  return (context) => {
    context.beginPath();
    context.arc(0, 0, SYMBOL.radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.setLineDash([...dash]);
    context.lineWidth = SYMBOL.line;
    context.strokeStyle = stroke;
    context.stroke();
  };
}

function ring(color: string, under: string): Draw {
  return (context) => {
    for (const [stroke, width] of [
      [under, 5],
      [color, 2.4],
    ] as const) {
      context.beginPath();
      context.arc(0, 0, 13, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.stroke();
    }
  };
}

/** Add the symbols of things ("thing-filled", "thing-hollow", "thing-dashed"), the selection's ring and the road shield. */
export function addImages(map: LibreMap, palette: Palette): void {
  const add = (name: string, size: number, paint: Draw, more = {}): void => {
    map.addImage(name, draw(size, paint), { pixelRatio: RATIO, ...more });
  };
  add("thing-filled", SIZE, disc(palette.tx1, palette.land, []));
  add("thing-hollow", SIZE, disc(palette.land, palette.norm, []));
  add("thing-dashed", SIZE, disc(palette.land, palette.tx2, SYMBOL.dash));
  add("selected", 34, ring(palette.tx1, palette.land));
  add("shield", 16, shield(palette), { stretchX: [[10, 22]], stretchY: [[10, 22]], content: [8, 8, 24, 24] });
}

function shield(palette: Palette): Draw {
  return (context) => {
    context.beginPath();
    context.roundRect(-7, -7, 14, 14, 3);
    context.fillStyle = palette.bg2;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = palette.line2;
    context.stroke();
  };
}
