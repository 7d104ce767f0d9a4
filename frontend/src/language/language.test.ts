import { describe, expect, it } from "vitest";
import { toLanguage } from "./language";
import { writeCount, writeValue } from "./numbers";
import { TimeWriter, writeSpan } from "./times";

describe("numbers", () => {
  it("are written as each language writes them", () => {
    expect(writeCount("vi", 5942)).toBe("5.942");
    expect(writeCount("en", 5942)).toBe("5,942");
    expect(writeValue("vi", 98.44)).toBe("98,4");
    expect(writeValue("en", 1.236)).toBe("1.24");
    expect(writeValue("vi", 0)).toBe("0");
    expect(writeValue("vi", 1234.5)).toBe("1.235");
  });
});

describe("times", () => {
  it("stand in the city's zone", () => {
    const at = Date.parse("2026-11-19T12:42:08Z");
    const vi = new TimeWriter("vi", "Asia/Ho_Chi_Minh");
    expect([vi.clock(at), vi.date(at), vi.zone(at)]).toEqual(["19:42:08", "Thứ Năm, 19/11/2026", "GMT+7"]);
    expect(new TimeWriter("en", "Asia/Ho_Chi_Minh").date(at)).toBe("Thursday, 19 Nov 2026");
    expect(vi.clock(Date.parse("2026-11-18T17:00:00Z"))).toBe("00:00:00");
  });

  it("are spans in one or two units", () => {
    expect([12.9, 60, 3_900, 86_400 * 3, -5].map((seconds) => writeSpan("vi", seconds))).toEqual([
      "12 giây",
      "1 phút",
      "1 giờ 05",
      "3 ngày",
      "0 giây",
    ]);
    expect(writeSpan("en", 3_900)).toBe("1 h 05");
  });
});

describe("a language tag", () => {
  it("is Vietnamese unless it is English", () => {
    expect(["vi", "en", "en-GB", "fr", ""].map(toLanguage)).toEqual(["vi", "en", "en", "vi", "vi"]);
  });
});
