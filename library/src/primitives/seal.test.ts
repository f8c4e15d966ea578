import { assert, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveKeys } from "./derive.ts";
import { createSealer } from "./seal.ts";

const first = "first master secret, 32 bytes or more of it";
const second = "second master secret, 32 bytes or more of it";
const sealer = (...secrets: string[]) => createSealer(deriveKeys(secrets, "test"));

describe("a sealed text", () => {
  test("opens again, whatever it was", () => {
    const one = sealer(first);
    expect(one.open(one.seal("", ""), "")).toBe("");
    assert(property(string(), string(), (text, context) => one.open(one.seal(text, context), context) === text.toWellFormed()));
  });

  test("shows nothing of itself, and is another one each time", () => {
    const one = sealer(first);
    const sealed = one.seal("a private key", "row 1");
    expect(sealed).not.toContain(Buffer.from("a private").toString("base64url"));
    expect(one.seal("a private key", "row 1")).not.toBe(sealed);
  });

  test("does not open in another place", () => {
    const one = sealer(first);
    expect(one.open(one.seal("text", "row 1"), "row 2")).toBeUndefined();
  });

  test("does not open when a character of it was changed", () => {
    const one = sealer(first);
    const sealed = one.seal("text", "row");
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
      expect(one.open(changed, "row")).toBeUndefined();
    }
  });

  test.each(["", "s1", "s1.x", "s1..", "s1.0.AAAA.x", "s2.0.AAAA"])("that is junk does not open: %j", (junk) =>
    expect(sealer(first).open(junk, "row")).toBeUndefined(),
  );

  test("still opens after the master secret was rotated, and says that it should be sealed again", () => {
    const sealed = sealer(first).seal("text", "row");
    const rotated = sealer(second, first);
    expect(rotated.open(sealed, "row")).toBe("text");
    expect(rotated.isCurrent(sealed)).toBe(false);
    expect(rotated.isCurrent(rotated.seal("text", "row"))).toBe(true);
  });

  test("no longer opens once the old secret is gone, and not for another purpose", () => {
    const sealed = sealer(first).seal("text", "row");
    expect(sealer(second).open(sealed, "row")).toBeUndefined();
    expect(createSealer(deriveKeys([first], "other")).open(sealed, "row")).toBeUndefined();
  });
});
