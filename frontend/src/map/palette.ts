// The map's colours, read from the page's tokens so that the theme stays in one place.

export interface Palette {
  readonly land: string;
  readonly area: string;
  readonly areaLine: string;
  readonly boundary: string;
  readonly water: string;
  readonly road1: string;
  readonly road2: string;
  readonly casing: string;
  readonly line2: string;
  readonly bg1: string;
  readonly bg2: string;
  readonly norm: string;
  readonly tx1: string;
  readonly tx2: string;
  readonly tx3: string;
  /** By priority, from 1: line, fill, and digit on the fill. */
  readonly alarms: readonly { readonly line: string; readonly fill: string; readonly digit: string }[];
}

/** Read the palette that applies to an element. */
export function readPalette(el: Element): Palette {
  const style = getComputedStyle(el);
  const of = (token: string): string => style.getPropertyValue(token).trim();
  return {
    land: of("--land"),
    area: of("--area"),
    areaLine: of("--area-line"),
    boundary: of("--wline"),
    water: of("--water"),
    road1: of("--road1"),
    road2: of("--road2"),
    casing: of("--rcase"),
    line2: of("--line2"),
    bg1: of("--bg1"),
    bg2: of("--bg2"),
    norm: of("--norm"),
    tx1: of("--tx1"),
    tx2: of("--tx2"),
    tx3: of("--tx3"),
    alarms: [1, 2, 3, 4].map((p) => ({ line: of(`--p${p}`), fill: of(`--p${p}-fill`), digit: of(`--p${p}-on`) })),
  };
}
