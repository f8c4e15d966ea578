import { describe, expect, test } from "vitest";
import { spanOption, wholeOption, wordOption } from "./option.ts";

describe("an option", () => {
  test("that is a span is read into milliseconds, up to both of its ends", () => {
    const bounds = { least: 60_000, most: 3_600_000, example: '"5m"' };
    expect(["60s", "5m", "1h"].map((text) => spanOption("age", text, bounds))).toEqual([60_000, 300_000, 3_600_000]);
    for (const text of ["59s", "61m", "5", "0s", "", "5 m"])
      expect(() => spanOption("age", text, bounds)).toThrow(
        `age: got ${JSON.stringify(text)}; allowed: a whole number above 0 and a unit: ms, s, m, h or d; from 1m to 1h. Example: "5m"`,
      );
  });

  test("tells the bound that it has, in the unit in which one would write it", () => {
    expect(() => spanOption("age", "1ms", { least: 10_000, example: '"24h"' })).toThrow("ms, s, m, h or d; at least 10s. Example");
    expect(() => spanOption("age", "9d", { most: 90_000, example: '"1m"' })).toThrow("ms, s, m, h or d; at most 90s. Example");
    expect(() => spanOption("age", "soon", { example: '"1m"' })).toThrow("ms, s, m, h or d. Example");
    expect(() => spanOption("age", 5 as unknown as string, { example: '"1m"' })).toThrow("age: got 5;");
  });

  test("that is a whole number is nothing else", () => {
    expect([0, 10].map((value) => wholeOption("atOnce", value, { least: 0, most: 10, example: "5" }))).toEqual([0, 10]);
    for (const value of [0, 11, 1.5, NaN, Infinity, "5" as unknown as number])
      expect(() => wholeOption("atOnce", value, { most: 10, example: "5" })).toThrow("allowed: a whole number from 1 to 10. Example: 5");
  });

  test("that is a part of tokens is a short word", () => {
    expect(wordOption("environment", "live", '"live"')).toBe("live");
    for (const word of ["", "Live", "a_b", "a".repeat(17)])
      expect(() => wordOption("environment", word, '"live"')).toThrow("1 to 16 lower-case letters and digits");
  });
});
