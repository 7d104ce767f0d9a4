import { beforeEach, describe, expect, it, vi } from "vitest";
import { show } from "../islands/chart";
import { type BarDrawing, isEmpty, type LineDrawing, nearestStop, stopsOf, withGaps } from "./drawing";
import { optionOf } from "./option";
import { ticksBetween, Zone } from "./ticks";
import { placeAfter } from "./view";
import { ChartWriter } from "./words";

const HOUR = 3_600_000;
const BEGIN = Date.parse("2026-11-18T17:00:00Z");
const ZONE = "Asia/Ho_Chi_Minh";
const line: LineDrawing = {
  kind: "line",
  title: "Công suất",
  unit: "W",
  zone: ZONE,
  width: "hour",
  begin: BEGIN,
  end: BEGIN + 24 * HOUR,
  now: BEGIN + 12 * HOUR,
  limits: [{ value: 90, label: "Cao" }],
  lines: [
    {
      name: "",
      points: [
        [BEGIN, 1234.5, 10, 2000],
        [BEGIN + HOUR, 60],
        [BEGIN + 2 * HOUR, 50],
        [BEGIN + 9 * HOUR, 70],
      ],
      forecast: [[BEGIN + 13 * HOUR, 80]],
    },
  ],
};
const bars: BarDrawing = {
  ...line,
  kind: "bars",
  width: "day",
  unit: "kWh",
  bars: [
    [BEGIN, 5, BEGIN + 24 * HOUR, ""],
    [BEGIN + 24 * HOUR, null, BEGIN + 48 * HOUR, ""],
    [BEGIN + 48 * HOUR, 4, BEGIN + 72 * HOUR, "i"],
  ],
};
const palette = {
  line: "#111",
  text: "#222",
  strong: "#333",
  muted: "#444",
  grid: "#555",
  band: "#666",
  surface: "#777",
  forecast: "#888",
  font: "f",
};
const look = { palette, hatching: null, width: 500, isCalm: true };

describe("marks of the time axis", () => {
  const written = (from: string, to: string, most: number, zone: string) =>
    ticksBetween(Date.parse(from), Date.parse(to), most, new Zone(zone)).at.map((ms) => new Date(ms).toISOString());

  it("stand at round hours of the city", () => {
    expect(written("2026-11-18T17:20:00Z", "2026-11-19T17:20:00Z", 4, "Asia/Kolkata")).toEqual([
      "2026-11-18T18:30:00.000Z",
      "2026-11-19T00:30:00.000Z",
      "2026-11-19T06:30:00.000Z",
      "2026-11-19T12:30:00.000Z",
    ]);
  });

  it("stand at midnight before and after the clocks change", () => {
    expect(written("2026-10-23T22:00:00Z", "2026-10-27T00:00:00Z", 6, "Europe/Berlin")).toEqual([
      "2026-10-23T22:00:00.000Z",
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
      "2026-10-26T23:00:00.000Z",
    ]);
  });

  it("stand at the first of a month in a year", () => {
    const ticks = ticksBetween(BEGIN, BEGIN + 365 * 24 * HOUR, 6, new Zone(ZONE));
    expect(ticks.form).toBe("month");
    expect(ticks.at).toHaveLength(6);
    expect(new Date(ticks.at[0] ?? 0).toISOString()).toBe("2026-12-31T17:00:00.000Z");
  });
});

describe("a drawing", () => {
  it("has a place for each moment, in order, with the values of all lines", () => {
    const both = { ...line, lines: [...line.lines, { name: "b", points: [[BEGIN + HOUR, 7] as const], forecast: [] }] };
    const stops = stopsOf(both);
    expect(stops.map((stop) => (stop.at - BEGIN) / HOUR)).toEqual([0, 1, 2, 9, 13]);
    expect(stops[1]?.values.map((each) => each.value)).toEqual([60, 7]);
    expect(stops[4]?.isForecast).toBe(true);
    expect(nearestStop(stops, BEGIN + 4 * HOUR)).toBe(2);
    expect(nearestStop(stops, BEGIN + 8 * HOUR)).toBe(3);
    expect(nearestStop([], 5)).toBe(-1);
  });

  it("breaks its line where nothing was measured", () => {
    const gaps = withGaps(line.lines[0]?.points ?? []);
    expect(gaps.map((point) => point[1])).toEqual([1234.5, 60, 50, null, 70]);
  });

  it("is empty without a value", () => {
    expect(isEmpty({ ...line, lines: [] })).toBe(true);
    expect(isEmpty({ ...bars, bars: [[BEGIN, null, BEGIN + HOUR, ""]] })).toBe(true);
    expect(isEmpty(bars)).toBe(false);
  });
});

describe("what a chart says", () => {
  it("is written as each language writes it", () => {
    const [first] = stopsOf(line);
    if (!first) throw new Error("no place");
    expect(new ChartWriter("vi", ZONE, "W").stop(first, "hour")).toBe("19/11 00:00: 1.235 W (10,0 – 2.000)");
    expect(new ChartWriter("en", ZONE, "W").stop(first, "hour")).toBe("19 Nov 00:00: 1,235 W (10.0 – 2,000)");
  });

  it("names a forecast and what is not plainly measured", () => {
    expect(new ChartWriter("en", ZONE, "W").stop(stopsOf(line)[4] as never, "hour")).toContain(", forecast");
    expect(new ChartWriter("vi", ZONE, "kWh").stop(stopsOf(bars)[1] as never, "day")).toBe(
      "21/11: 4,00 kWh, nội suy một phần",
    );
  });

  it("sums up the past alone", () => {
    expect(new ChartWriter("en", ZONE, "W").summary(line, stopsOf(line))).toBe(
      "From 19 Nov 00:00 to 19 Nov 09:00: least 50.0 W, greatest 1,235 W, latest 70.0 W",
    );
  });
});

describe("the library's options", () => {
  const options = optionOf(line, new ChartWriter("vi", ZONE, "W"), look) as {
    series: { data: unknown[]; lineStyle?: { type?: unknown }; markLine?: { data: { name: string }[] } }[];
  };

  it("draw the past solid, what lies ahead dashed from where the past ends, and no legend", () => {
    const [, , past, ahead] = options.series;
    expect(past?.lineStyle?.type).toBeUndefined();
    expect(ahead?.lineStyle?.type).toEqual([4, 3]);
    expect(ahead?.data).toEqual([
      [BEGIN + 9 * HOUR, 70],
      [BEGIN + 13 * HOUR, 80],
    ]);
    expect(options).not.toHaveProperty("legend");
  });

  it("tell several lines apart by tone, width and names that keep clear of each other", () => {
    const [one] = line.lines;
    const three = { ...line, lines: ["A", "B", "C"].map((name) => ({ points: [], forecast: [], ...one, name })) };
    const drawn = optionOf(three, new ChartWriter("vi", ZONE, "V"), look) as {
      series: { endLabel?: { show: boolean; color: string }; labelLayout?: object; lineStyle?: { width: number } }[];
    };
    const named = drawn.series.filter((each) => each.endLabel?.show);
    expect(new Set(named.map((each) => each.lineStyle?.width)).size).toBe(3);
    expect(named.map((each) => each.labelLayout)).toEqual(Array(3).fill({ moveOverlap: "shiftY" }));
  });

  it("end the axis of a share at 100, and of nothing else", () => {
    const axis = (unit: string, value: number): unknown => {
      const drawing = {
        ...line,
        unit,
        limits: [],
        lines: [{ name: "", points: [[BEGIN, value] as const], forecast: [] }],
      };
      return (optionOf(drawing, new ChartWriter("vi", ZONE, unit), look) as { yAxis: { max?: number } }).yAxis.max;
    };
    expect([axis("%", 100), axis("%", 104), axis("W", 100)]).toEqual([100, undefined, undefined]);
  });

  it("draw what was due thin behind what was, with its name at the end", () => {
    const due = { name: "theo lịch", points: [[BEGIN, 98] as const, [BEGIN + 9 * HOUR, 98] as const] };
    const drawn = optionOf({ ...line, due }, new ChartWriter("vi", ZONE, "W"), look) as {
      series: { data: unknown; z?: number; endLabel?: { formatter?: string } }[];
    };
    const thin = drawn.series.find((each) => each.data === due.points);
    expect(thin?.z).toBe(2);
    expect(thin?.endLabel?.formatter).toBe("theo lịch");
    expect(drawn.series).toHaveLength(options.series.length + 1);
  });

  it("show a point between two gaps as a dot", () => {
    const [, , past] = options.series;
    expect(past?.data.at(-1)).toEqual({ value: [BEGIN + 9 * HOUR, 70], symbol: "circle" });
    expect(past?.data[0]).toEqual(line.lines[0]?.points[0]);
  });

  it("write limits and now at their lines", () => {
    const named = options.series.flatMap((each) => each.markLine?.data.map((mark) => mark.name) ?? []);
    expect(named).toEqual(["Cao 90 W", "Bây giờ"]);
  });

  it("write an index whole, and what has a unit to about three figures", () => {
    expect(new ChartWriter("vi", ZONE, "").value(112)).toBe("112");
    expect(new ChartWriter("vi", ZONE, "").value(11.5)).toBe("11,5");
    expect(new ChartWriter("en", ZONE, "W").value(112)).toBe("112.0 W");
    expect(new ChartWriter("vi", ZONE, "%").value(100)).toBe("100%");
    expect(new ChartWriter("vi", ZONE, "%").value(62.5)).toBe("62,5%");
    expect(new ChartWriter("en", ZONE, "%").limit(12.5)).toBe("12.5%");
  });

  it("draw a bar hollow where it is interpolated", () => {
    const drawn = optionOf(bars, new ChartWriter("vi", ZONE, "kWh"), look) as { series: { data: unknown[] }[] };
    expect(drawn.series[0]?.data).toMatchObject([
      { value: 5, itemStyle: { color: "#666" } },
      { value: null },
      { value: 4, itemStyle: { color: "#777", borderColor: "#666" } },
    ]);
  });
});

describe("the key under the bars", () => {
  const writer = new ChartWriter("en", ZONE, "kWh");

  it("names the shapes that are drawn, and no others", () => {
    expect(writer.key(bars)).toEqual([
      { shape: "filled", text: "measured throughout" },
      { shape: "hollow", text: "partly interpolated" },
    ]);
  });

  it("is left out where every bar was measured, and for lines", () => {
    expect(writer.key({ ...bars, bars: [[BEGIN, 5, BEGIN + HOUR, ""]] })).toEqual([]);
    expect(writer.key(line)).toEqual([]);
  });
});

describe("a month", () => {
  it("is written as figures in Vietnamese and by name in English", () => {
    expect(new ChartWriter("vi", ZONE, "kWh").moment(BEGIN, "month")).toMatch(/^\d\d\/20\d\d$/);
    expect(new ChartWriter("en", ZONE, "kWh").moment(BEGIN, "month")).toMatch(/^[A-Z][a-z]+ 20\d\d$/);
  });
});

describe("the keys", () => {
  it("lead from value to value and not beyond", () => {
    expect(placeAfter("ArrowRight", -1, 5)).toBe(0);
    expect(placeAfter("ArrowLeft", -1, 5)).toBe(4);
    expect(placeAfter("ArrowRight", 4, 5)).toBe(4);
    expect(placeAfter("PageUp", 3, 50)).toBe(0);
    expect(placeAfter("End", 0, 5)).toBe(4);
    expect(placeAfter("a", 0, 5)).toBeNull();
    expect(placeAfter("Home", 0, 0)).toBeNull();
  });
});

describe("the island", () => {
  let el: HTMLElement;

  beforeEach(() => {
    document.documentElement.lang = "en";
    el = document.createElement("div");
  });

  it("says so where there is nothing", async () => {
    await show(el, { ...line, lines: [] });
    expect(el.textContent).toContain("There are no figures for this time yet.");
  });

  it("says what failed and when, and tries again when asked", async () => {
    const answers = [new Response("", { status: 503 }), Response.json({ ...line, lines: [] })];
    const asked = vi.fn(() => Promise.resolve(answers.shift() ?? Response.error()));
    vi.stubGlobal("fetch", asked);
    await show(el, { src: "/lighting/1.json", title: "Power", zone: ZONE });
    expect(el.querySelector("[role=alert]")?.textContent).toMatch(/could not be loaded at \d\d:\d\d/);
    el.querySelector("button")?.click();
    await vi.waitFor(() => expect(el.textContent).toContain("There are no figures"));
    expect(asked).toHaveBeenCalledTimes(2);
    vi.unstubAllGlobals();
  });
});
