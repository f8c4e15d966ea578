import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { OptionFault } from "../contracts/index.ts";
import { contrast, readBrand } from "./brand.ts";
import { returnPath } from "./return-path.ts";

const issuer = "https://id.example.com";
const rgb = (text: string) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) as unknown as readonly [number, number, number];

describe("where a page leads after signing in", () => {
  test("is a path of this origin and nothing else [asvs:V3.7.2]", () => {
    for (const good of ["/", "/posts?page=2#top", "/a//b", "/%2F%2Fevil.example"]) expect(returnPath(good)).toBe(good);
    const foreign = [
      "//evil.example",
      "/\\evil.example",
      "\\/evil.example",
      "https://evil.example",
      "javascript:alert(1)",
      "evil.example",
      "",
      "/\t/evil.example",
      "/\n//evil.example",
      "/./\\evil.example",
      "/.//evil.example",
      "/a/..//evil.example",
      " //evil.example",
      "/ä",
      undefined,
      ["/a"],
      `/${"a".repeat(8_000)}`,
    ];
    for (const bad of foreign) expect([bad, returnPath(bad)]).toEqual([bad, undefined]);
  });

  test("never leaves the origin, whatever it is made of", () => {
    const piece = constantFrom(
      "/",
      "\\",
      ".",
      "..",
      "%2e",
      "%2f",
      "%5c",
      "\t",
      "\n",
      "@",
      ":",
      "?",
      "#",
      "https:",
      "evil.example",
      " ",
      "\u3002",
      "\uff0f",
    );
    assert(
      property(array(piece, { maxLength: 12 }), (pieces) => {
        const path = returnPath(pieces.join(""));
        expect(new URL(path ?? "/", issuer).origin).toBe(issuer);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the brand of the pages", () => {
  test("is readable on light and on dark grounds, whatever colour was chosen", () => {
    for (const color of ["#0b6a58", "#000000", "#00008b", "#8b0000", "#5b2a86", "#333333"]) {
      const { light, dark } = readBrand({ color }, issuer);
      expect(contrast(rgb(light.accent), [244, 245, 244])).toBeGreaterThanOrEqual(4.3);
      expect(contrast(rgb(light.accent), rgb(light.onAccent))).toBeGreaterThanOrEqual(4.5);
      expect(contrast(rgb(dark.accent), [32, 36, 41])).toBeGreaterThanOrEqual(4.5);
      expect(contrast(rgb(dark.accent), rgb(dark.onAccent))).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("is refused when it cannot be read, is no colour, or could leave its place in the page", () => {
    const bad = [
      { color: "#ffcc00" },
      { color: "red" },
      { color: "#0b6a58;}" },
      { name: "" },
      { name: "a\nb" },
      { logo: "http://example.com/a.png" },
      { logo: "//evil.example/a.png" },
      { logo: "javascript:alert(1)" },
      { logo: "https://a.example/;script-src *" },
      { logo: "/a b" },
    ];
    for (const options of bad) expect(() => readBrand(options, issuer)).toThrow(OptionFault);
    expect(() => readBrand({ color: "#ffcc00" }, issuer)).toThrow(/pages.color: got "#ffcc00".*this one has 1\.5:1/);
  });

  test("is the issuer's host where no name is given", () => {
    expect(readBrand({}, issuer).name).toBe("id.example.com");
  });
});
