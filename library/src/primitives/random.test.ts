import { expect, test } from "vitest";
import { createRandomPool, randomBase62 } from "./random.ts";

test("a pool gives each of its bytes once, and fresh ones after the last", () => {
  const random = createRandomPool();
  const given = new Map<ArrayBufferLike, Uint8Array>();
  const texts = new Set<string>();
  for (let draw = 0; draw < 1_000; draw += 1) {
    const bytes = random(59);
    expect(bytes).toHaveLength(59);
    texts.add(Buffer.from(bytes).toString("hex"));
    const seen = given.get(bytes.buffer) ?? new Uint8Array(bytes.buffer.byteLength);
    given.set(bytes.buffer, seen);
    // The pool begins again at its start when it is filled again.
    if (bytes.byteOffset === 0) seen.fill(0);
    expect(seen.subarray(bytes.byteOffset, bytes.byteOffset + 59).every((byte) => byte === 0)).toBe(true);
    seen.fill(1, bytes.byteOffset, bytes.byteOffset + 59);
  }
  expect(texts.size).toBe(1_000);
});

test("a pool gives more than it holds, and others get others", () => {
  expect(createRandomPool()(10_000)).toHaveLength(10_000);
  const [one, other] = [createRandomPool(), createRandomPool()];
  expect(Buffer.from(one(32))).not.toEqual(Buffer.from(other(32)));
});

test("random base62 has the length that was asked for and every character, of a pool too", () => {
  for (const random of [undefined, createRandomPool()]) {
    const texts = Array.from({ length: 200 }, () => randomBase62(43, random));
    expect(texts.every((text) => /^[0-9A-Za-z]{43}$/.test(text))).toBe(true);
    expect(new Set(texts.join("")).size).toBe(62);
    expect(new Set(texts).size).toBe(200);
  }
});
