import { describe, expect, it } from "vitest";
import { dossierOf, pageOf } from "./areas";

describe("an area that is picked on the map", () => {
  it("opens its page, on the day that the map shows", () => {
    expect(pageOf("/places/0/?on=2025-06-30", 10)).toBe("/places/10/?on=2025-06-30");
  });
});

describe("a place that is asked for on the map", () => {
  it("has a dossier whose address says it to the metre", () => {
    expect(dossierOf("/places/dossier/", 106.6812345, 11)).toBe("/places/dossier/?at=106.68123,11.00000");
  });
});
