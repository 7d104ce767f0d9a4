// A chart's colours and type, read from the page's tokens: grey, because what is drawn is normal until an alarm says not.

export interface Palette {
  readonly line: string;
  readonly text: string;
  readonly strong: string;
  readonly muted: string;
  readonly grid: string;
  readonly band: string;
  readonly surface: string;
  readonly forecast: string;
  readonly font: string;
}

/** Read the palette that applies to an element. */
export function readPalette(el: Element): Palette {
  const style = getComputedStyle(el);
  const of = (token: string): string => style.getPropertyValue(token).trim();
  return {
    line: of("--tx2"),
    text: of("--tx2"),
    strong: of("--tx1"),
    muted: of("--tx3"),
    grid: of("--line"),
    band: of("--norm"),
    surface: of("--bg1"),
    forecast: of("--line2"),
    font: of("--font-num"),
  };
}

/** Draw the hatching of what lies ahead; null where nothing can be drawn on. */
export function hatching(colour: string): HTMLCanvasElement | null {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  if (!pen) return null;
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.35;
  for (const shift of [-8, 0, 8]) {
    pen.moveTo(shift - 1, 9);
    pen.lineTo(shift + 9, -1);
  }
  pen.stroke();
  return tile;
}
