import { describe, expect, it } from "vitest";
import { addCorner, cornersOf, dropCorner, moveCorner, sidesOf } from "./corners";

const SQUARE = "POLYGON ((0 0, 2 0, 2 2, 0 2, 0 0))";
const HOLED = "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 1))";

describe("the corners of a shape", () => {
  it("are found with the sides between them", () => {
    expect(cornersOf(SQUARE).map((each) => [each.lon, each.lat])).toEqual([
      [0, 0],
      [2, 0],
      [2, 2],
      [0, 2],
      [0, 0],
    ]);
    expect(sidesOf(cornersOf(SQUARE))).toHaveLength(4);
    expect(sidesOf(cornersOf(HOLED))).toHaveLength(7);
    expect(sidesOf(cornersOf("POINT (106.7 11)"))).toEqual([]);
    expect(cornersOf("POLYGON EMPTY")).toEqual([]);
  });

  it("are moved, and a ring stays closed", () => {
    expect(moveCorner(SQUARE, 0, -1, 0.5)).toBe("POLYGON ((-1 0.5, 2 0, 2 2, 0 2, -1 0.5))");
    expect(moveCorner(SQUARE, 2, 3, 3)).toBe("POLYGON ((0 0, 2 0, 3 3, 0 2, 0 0))");
    expect(moveCorner("POINT (106.7 11)", 0, 106.71234567891, 11)).toBe("POINT (106.7123457 11)");
    expect(moveCorner(SQUARE, 9, 1, 1)).toBe(SQUARE);
  });

  it("are added in the middle of a side alone", () => {
    expect(addCorner(SQUARE, 1)).toBe("POLYGON ((0 0, 2 0, 2 1, 2 2, 0 2, 0 0))");
    expect(addCorner(HOLED, 4)).toBe(HOLED);
    expect(addCorner(SQUARE, 4)).toBe(SQUARE);
  });

  it("are taken out as long as a ring is left", () => {
    expect(dropCorner(SQUARE, 1)).toBe("POLYGON ((0 0, 2 2, 0 2, 0 0))");
    expect(dropCorner(SQUARE, 0)).toBe(SQUARE);
    expect(dropCorner(SQUARE, 4)).toBe(SQUARE);
    expect(dropCorner(HOLED, 6)).toBe(HOLED);
  });
});
