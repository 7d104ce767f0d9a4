import { describe, expect, it } from "vitest";
import { pageOf } from "./areas";

describe("an area that is picked on the map", () => {
  it("opens its page, on the day that the map shows", () => {
    expect(pageOf("/places/0/?on=2025-06-30", 10)).toBe("/places/10/?on=2025-06-30");
  });
});
