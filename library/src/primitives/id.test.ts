import { describe, expect, it, test } from "vitest";
import { isId, newId, newRequestId } from "./id.ts";

describe("newId", () => {
  /** RFC 9562 s.5.7, read back from the letters. */
  const bitsOf = (id: string) =>
    Array.from(id.slice(id.indexOf("_") + 1)).reduce(
      (bits, letter) => (bits << 5n) | BigInt("0123456789abcdefghjkmnpqrstvwxyz".indexOf(letter)),
      0n,
    );

  it("is a UUIDv7 in Crockford's base32: the time, the version, the variant, and 128 bits", () => {
    const at = 0x0123_4567_89ab;
    for (let made = 0; made < 500; made += 1) {
      const id = newId("grt", at);
      expect(isId(id, "grt")).toBe(true);
      const bits = bitsOf(id);
      expect(bits >> 128n).toBe(0n);
      expect(bits >> 80n).toBe(BigInt(at));
      expect((bits >> 76n) & 15n).toBe(7n);
      expect((bits >> 62n) & 3n).toBe(2n);
    }
  });

  it("has each of its random bits both ways", () => {
    let [ones, zeros] = [0n, 0n];
    for (let made = 0; made < 100; made += 1) {
      const bits = bitsOf(newId("usr", 1));
      [ones, zeros] = [ones | bits, zeros | ~bits];
    }
    const random = (((1n << 12n) - 1n) << 64n) | ((1n << 62n) - 1n);
    expect([ones & random, zeros & random]).toEqual([random, random]);
  });

  it("sorts by the time it was made", () => {
    const ids = [1, 2, 1_000, 1_700_000_000_000, 1_700_000_000_001].map((at) => newId("evt", at));
    expect(ids.toSorted()).toEqual(ids);
  });
});

test("no two requests have one id, and each is of the form that the log and the ring can hold", () => {
  const ids = Array.from({ length: 2_345 }, newRequestId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^req_[0-9a-f]{12}\d{3,}$/);
});
