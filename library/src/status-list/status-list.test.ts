import { deflateSync } from "node:zlib";
import { array, assert, integer, maxSafeNat, oneof, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { blockSize, createBits, listSize } from "./bits.ts";
import { createDraw } from "./draw.ts";
import { packStatusList, unpackStatusList } from "./list-token.ts";

describe("bits", () => {
  test("of a list stand as the draft's example of one bit says", async () => {
    // Token Status List s.4.1: statuses of 16 tokens, packed as b9 a3.
    const packed = { bits: 1, lst: "eNrbuRgAAhcBXQ" };
    const list = await unpackStatusList(packed);
    const statuses = Array.from({ length: 16 }, (_, index) => (list!.isSet(index) === true ? 1 : 0));
    expect(statuses).toEqual([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
    expect(list!.isSet(16)).toBeUndefined();
    expect(list!.isSet(-1)).toBeUndefined();
  });

  test("set here are read there", async () => {
    const bits = createBits();
    const set = [0, 1, 99_999, 100_000, 999_999, 1_000_000];
    for (const position of set) bits.add(position);
    expect(set.every((position) => bits.has(position))).toBe(true);
    expect(bits.has(2)).toBe(false);
    const list = await unpackStatusList(await packStatusList(bits.listBytes(0)));
    expect([0, 1, 99_999, 100_000, 999_999].map((index) => list!.isSet(index))).toEqual([true, true, true, true, true]);
    expect(list!.isSet(2)).toBe(false);
  });

  test("of a million revoked tokens take less than 100 MB, and go with their block", () => {
    const bits = createBits();
    // The worst that a day of ten million tokens can do.
    for (let position = 0; position < 10_000_000; position += 10) bits.add(position);
    expect(bits.byteLength).toBeLessThan(2_000_000);
    bits.forgetBelow(50);
    expect(bits.has(0)).toBe(false);
    expect(bits.has(5_000_000)).toBe(true);
  });
});

test("a million revoked tokens that are scattered as far as can be take less than 100 MB, and each is found", () => {
  const bits = createBits();
  for (let index = 0; index < 1_000_000; index += 1) bits.add(index * blockSize + (index % 97));
  expect(bits.byteLength).toBeLessThan(40_000_000);
  let wrong = 0;
  for (let index = 0; index < 1_000_000; index += 1)
    if (!bits.has(index * blockSize + (index % 97)) || bits.has(index * blockSize + (index % 97) + 1)) wrong += 1;
  expect(wrong).toBe(0);
  bits.forgetBelow(999_999);
  expect([bits.has(97), bits.has(999_999 * blockSize + (999_999 % 97)), bits.byteLength < 20_000]).toEqual([false, true, true]);
});

test("bits are a set, wherever few or many lie", () => {
  const positions = oneof({ weight: 3, arbitrary: integer({ min: 0, max: 3 * blockSize }) }, { weight: 1, arbitrary: maxSafeNat() });
  assert(
    property(
      array(positions, { maxLength: 60 }),
      array(positions, { maxLength: 20 }),
      integer({ min: 0, max: 3_000 }),
      (some, others, run) => {
        const bits = createBits();
        const model = new Set<number>();
        const all = [...some, ...Array.from({ length: run }, (_, index) => 7 * blockSize + index * 3)];
        for (const position of all) {
          bits.add(position);
          model.add(position);
        }
        for (const position of [...all, ...others, ...all.map((one) => one + 1)]) expect(bits.has(position)).toBe(model.has(position));
        const list = bits.listBytes(0);
        const set = [...model].filter((position) => position < listSize);
        expect(set.every((position) => ((list[position >> 3]! >> (position & 7)) & 1) === 1)).toBe(true);
        let count = 0;
        for (const byte of list) for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
        expect(count).toBe(set.length);
      },
    ),
    { numRuns: 60 },
  );
});

describe("unpacking", () => {
  const lst = deflateSync(Buffer.from([0b11100100])).toString("base64url");
  test("reads two, four and eight bits, and takes every status but 0 for set", async () => {
    const list = await unpackStatusList({ bits: 2, lst });
    expect([0, 1, 2, 3].map((index) => list!.isSet(index))).toEqual([false, true, true, true]);
  });

  test.each([
    null,
    {},
    { bits: 3, lst },
    { bits: 1 },
    { bits: 1, lst: "####" },
    { bits: 1, lst: "AAAA" },
    { bits: 1, lst: deflateSync(Buffer.alloc(64 * 1024 * 1024)).toString("base64url") },
  ])("refuses what is no list, a bomb included: %.60j", async (member) => {
    expect(await unpackStatusList(member)).toBeUndefined();
  });
});

describe("drawing", () => {
  const reserving = () => {
    const state = { writes: 0, at: 0 };
    const draw = createDraw({ reserve: () => Promise.resolve((state.writes += 1) - 1), now: () => state.at, useMs: 1_000 });
    return { state, draw };
  };

  test("gives each index once, in no order, for one write a block", async () => {
    const { state, draw } = reserving();
    const seen = new Set<number>([await draw()]);
    const first: number[] = [];
    let highest = 0;
    for (let drawn = 1; drawn < 150_000; drawn += 1) {
      const position = draw() as number;
      if (first.length < 1_000) first.push(position);
      highest = Math.max(highest, position);
      seen.add(position);
      if (drawn % 99_500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen.size).toBe(150_000);
    expect(highest).toBeLessThan(200_000);
    expect(state.writes).toBeLessThanOrEqual(3);
    const rising = first.filter((position, index) => index > 0 && position > first[index - 1]!).length;
    expect(Math.abs(rising - 500)).toBeLessThan(100);
  });

  test("changes to a fresh block after its time, so that old ones can be let go of", async () => {
    const { state, draw } = reserving();
    expect(await draw()).toBeLessThan(100_000);
    state.at = 1_000;
    expect(await draw()).toBeGreaterThanOrEqual(100_000);
    expect(listSize).toBe(1_000_000);
  });
});
