// The map's small pictures, drawn here so that they follow the theme and stay sharp.

import { ALARM_SHAPES, type AlarmForm, type Priority } from "@dothi/page/alarm-symbol";
import { SYMBOL } from "@dothi/page/symbol";
import type { Map as LibreMap } from "maplibre-gl";
import type { Palette } from "./palette";

export const RATIO = 2;
const SIZE = 24;

export type Draw = (context: CanvasRenderingContext2D) => void;

/** Draw a picture of `size` by `size`, from its middle. */
export function draw(size: number, paint: Draw): ImageData {
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

/** A disc as things have it; a dash makes it look like what is not there. */
export function disc(fill: string, stroke: string, dash: readonly number[], radius: number = SYMBOL.radius): Draw {
  return (context) => {
    context.beginPath();
    context.arc(0, 0, radius, 0, 2 * Math.PI);
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

const PRIORITIES: readonly Priority[] = [1, 2, 3, 4];
/** Into how many parts a group's ring is cut. */
export const SHARES = 12;

/** The thing in alarm: its own symbol within a ring of the priority's colour; the alarm itself stands with its shape. */
function marked(inner: Draw, color: string, under: string): Draw {
  return (context) => {
    for (const [stroke, width] of [
      [under, 4.6],
      [color, 2.6],
    ] as const) {
      context.beginPath();
      context.setLineDash([]);
      context.arc(0, 0, SYMBOL.radius + 3, 0, 2 * Math.PI);
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.stroke();
    }
    inner(context);
  };
}

/** The share of a group that is in alarm, clockwise from the top. */
function share(color: string, part: number): Draw {
  return (context) => {
    context.beginPath();
    context.arc(0, 0, 18, -Math.PI / 2, -Math.PI / 2 + (2 * Math.PI * part) / SHARES);
    context.lineWidth = 4;
    context.strokeStyle = color;
    context.stroke();
  };
}

type Colours = Palette["alarms"][number];

function alarm(priority: Priority, form: AlarmForm, colours: Colours, palette: Palette): Draw {
  const { shape, halo, y, size } = ALARM_SHAPES[priority];
  const ink = form === "cl" ? palette.tx3 : colours.line;
  const outline = new Path2D(shape);
  return (context) => {
    context.lineJoin = "round";
    context.lineWidth = 1.6;
    context.strokeStyle = ink;
    if (form === "un") haloed(context, halo);
    context.fillStyle = form === "un" ? colours.fill : palette.bg1;
    context.fill(outline);
    context.setLineDash(form === "cl" ? [2.4, 2] : []);
    context.stroke(outline);
    context.fillStyle = form === "un" ? colours.digit : ink;
    context.font = `700 ${size}px "Dothi Figures", "Be Vietnam Pro", sans-serif`;
    context.textAlign = "center";
    context.fillText(String(priority), 0, y);
  };
}

function haloed(context: CanvasRenderingContext2D, halo: string): void {
  context.globalAlpha = 0.45;
  context.stroke(new Path2D(halo));
  context.globalAlpha = 1;
}

type Pictures = Record<string, readonly [size: number, paint: Draw]>;

function alarmImages(palette: Palette): Pictures {
  const found: Pictures = {};
  for (const priority of PRIORITIES) {
    const colours = palette.alarms[priority - 1];
    if (!colours) continue;
    for (const form of ["un", "ak", "cl"] as const) {
      found[`alarm-${priority}-${form}`] = [34, alarm(priority, form, colours, palette)];
    }
  }
  return found;
}

/** What is seen only where things are in alarm: of the many shares of a ring a map shows few. */
function markedImages(palette: Palette): Pictures {
  const found: Pictures = {};
  for (const priority of PRIORITIES) {
    const colours = palette.alarms[priority - 1];
    if (!colours) continue;
    for (const [form, inner] of Object.entries(things(palette))) {
      found[`thing-${form}-${priority}`] = [28, marked(inner, colours.line, palette.land)];
    }
    for (let part = 1; part <= SHARES; part++) found[`share-${priority}-${part}`] = [44, share(colours.line, part)];
  }
  return found;
}

function things(palette: Palette): Record<string, Draw> {
  return {
    filled: disc(palette.tx1, palette.land, []),
    hollow: disc(palette.land, palette.norm, []),
    dashed: disc(palette.land, palette.tx2, SYMBOL.dash),
  };
}

/**
 * Add the symbols of things ("thing-filled", "thing-hollow", "thing-dashed"), alarms, the ring, the road shield; those of
 * things in alarm, and of shares of groups, are drawn when they are first seen.
 */
export function addImages(map: LibreMap, palette: Palette): void {
  const add = (name: string, size: number, paint: Draw, more = {}): void => {
    map.addImage(name, draw(size, paint), { pixelRatio: RATIO, ...more });
  };
  for (const [form, paint] of Object.entries(things(palette))) add(`thing-${form}`, SIZE, paint);
  for (const [name, picture] of Object.entries(alarmImages(palette))) add(name, ...picture);
  add("selected", 34, ring(palette.tx1, palette.land));
  add("nothing", 16, () => undefined);
  add("shield", 16, shield(palette), { stretchX: [[10, 22]], stretchY: [[10, 22]], content: [8, 8, 24, 24] });
  const others = markedImages(palette);
  map.setMissingStyleImageResolver((name) => {
    const picture = others[name];
    if (picture && !map.hasImage(name)) add(name, ...picture);
  });
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
