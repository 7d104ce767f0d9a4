import { describe, expect, it, vi } from "vitest";

const added: HTMLElement[] = [];
vi.mock("maplibre-gl", () => ({
  Marker: class {
    constructor(private readonly given: { element: HTMLElement }) {}
    setLngLat(): void {}
    addTo(): void {
      added.push(this.given.element);
    }
    remove(): void {
      added.splice(added.indexOf(this.given.element), 1);
    }
    getElement(): HTMLElement {
      return this.given.element;
    }
  },
}));

const { Callouts } = await import("./callouts");

/** A map so many pixels wide, on which a degree is a pixel. */
function mapOf(clientWidth: number) {
  return {
    on: () => undefined,
    project: ([x, y]: [number, number]) => ({ x, y }),
    getContainer: () => ({ clientWidth }),
  };
}

function said(width: number, lon: number): HTMLElement {
  added.length = 0;
  new Callouts(mapOf(width) as never).show([
    { key: "alarms:1", lon, lat: 0, title: "Mất điện pha C: 16 đèn", line: "Tủ Hùng Vương 4", selected: true },
  ]);
  expect(added).toHaveLength(1);
  return added[0] as HTMLElement;
}

describe("a callout", () => {
  it("is as wide as it likes where there is room, and stands to the right", () => {
    const element = said(1400, 700);
    expect(element.classList.contains("left")).toBe(false);
    expect(element.style.maxWidth).toBe("");
  });

  it("stands to the left at the map's end", () => {
    expect(said(1400, 1300).classList.contains("left")).toBe(true);
  });

  it("is no wider than a telephone's map has room for on its side", () => {
    expect(said(390, 200).style.maxWidth).toBe("176px");
    expect(said(390, 190).style.maxWidth).toBe("176px");
    expect(said(390, 190).classList.contains("left")).toBe(false);
  });
});
