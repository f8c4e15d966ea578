import { expect, test } from "vitest";
import { createLocalCounters } from "./local-counters.ts";

const windowMs = 60_000;

function counters(most: number) {
  const clock = { at: 0, now: () => clock.at };
  const { add } = createLocalCounters(clock, most);
  return { clock, add: (key: string, by = 1) => add(key, by, windowMs).count };
}

test("counts within a window that begins with the first, and anew after it", () => {
  const { clock, add } = counters(10);
  expect([add("a"), add("a"), add("b")]).toEqual([1, 2, 1]);
  clock.at = windowMs - 1;
  expect(add("a")).toBe(3);
  clock.at = windowMs;
  expect(add("a")).toBe(1);
});

test("a place that is given back after the end of its window leaves nothing below zero", () => {
  const { clock, add } = counters(10);
  add("a");
  clock.at = windowMs;
  expect([add("a", -1), add("a", -1), add("a")]).toEqual([0, 0, 1]);
});

test("what is back at zero takes no room: others are not forgotten for it", () => {
  const { add } = counters(2);
  add("bad");
  for (let index = 0; index < 100; index += 1) {
    add(`good ${index}`);
    add(`good ${index}`, -1);
  }
  expect(add("bad")).toBe(2);
});

test("beyond the most, the oldest that was not counted again is forgotten, and never the one that always is", () => {
  const { add } = counters(3);
  add("house");
  add("a");
  add("b");
  for (let index = 0; index < 1_000; index += 1) {
    expect(add("house")).toBe(index + 2);
    add(`one of many ${index}`);
  }
  expect([add("a"), add("b")]).toEqual([1, 1]);
});

test("what has ended is forgotten before it has another turn", () => {
  const { clock, add } = counters(2);
  add("ended");
  add("ended");
  clock.at = windowMs - 1;
  add("a");
  clock.at = windowMs;
  add("b");
  expect(add("a")).toBe(2);
});
