import { describe, expect, test } from "vitest";
import { memory } from "./index.ts";

// What every ephemeral store must do is in the suite of `testing/suites`; this is what only this one promises.
describe("short-lived state in memory", () => {
  const at = Date.parse("2026-11-24T00:00:00Z");

  test("answers at once, without a promise", () => {
    const state = memory();
    expect(state.putIfAbsent("key", "value", 1_000)).toBe(true);
    expect(state.increment("count", 1, 1_000)).toMatchObject({ count: 1 });
    expect(state.take("key")).toBe("value");
  });

  test("refuses to write when it is full of what still counts: forgetting it would let a replay in", () => {
    const state = memory({ entries: 3, clock: { now: () => at } });
    for (const key of ["a", "b", "c"]) expect(state.putIfAbsent(key, "x", 1_000)).toBe(true);
    const full = expect.objectContaining({ name: "Fault", code: "LATCHKEY_STORE_BUSY" });
    expect(() => state.putIfAbsent("d", "x", 1_000)).toThrow(full);
    expect(() => state.put("d", "x", 1_000)).toThrow(full);
    expect(() => state.increment("d", 1, 1_000)).toThrow(full);
    // Those that are there still work.
    expect(state.putIfAbsent("a", "x", 1_000)).toBe(false);
    void state.put("b", "y", 1_000);
    expect(state.get("b")).toBe("y");
    void state.remove("c");
    expect(state.putIfAbsent("d", "x", 1_000)).toBe(true);
  });

  test("refuses to write what is too long for what is left, however few entries there are", () => {
    let now = at;
    const state = memory({ characters: 100, clock: { now: () => now } });
    const full = expect.objectContaining({ name: "Fault", code: "LATCHKEY_STORE_BUSY" });
    void state.put("a", "x".repeat(59), 1_000);
    expect(() => state.put("b", "x".repeat(40), 1_000)).toThrow(full);
    expect(() => state.replace("a", "x".repeat(59), "x".repeat(100), 1_000)).toThrow(full);
    expect(state.putIfAbsent("b", "x".repeat(39), 1_000)).toBe(true);
    expect(() => state.increment("c", 1, 1_000)).toThrow(full);
    // What goes, or gets shorter, makes room again: each time as much as it took.
    for (let round = 0; round < 3; round += 1) {
      void state.put("a", "x", 1_000);
      expect(state.increment("c", 1, 1_000)).toMatchObject({ count: 1 });
      void state.remove("c");
      void state.put("a", "x".repeat(59), 1_000);
      expect(() => state.put("c", "", 1_000)).toThrow(full);
      expect(state.take("b")).toHaveLength(39);
      expect(state.putIfAbsent("b", "x".repeat(39), 1_000)).toBe(true);
    }
    now += 1_000;
    expect(state.putIfAbsent("new", "x".repeat(97), 1_000)).toBe(true);
    expect(() => state.put("d", "", 1_000)).toThrow(full);
  });

  test("makes room for itself by what is over, however much that is", () => {
    let now = at;
    const state = memory({ entries: 5_000, clock: { now: () => now } });
    for (let round = 0; round < 5; round += 1) {
      for (let key = 0; key < 5_000; key += 1) expect(state.putIfAbsent(`${round}:${key}`, "x", 1_000)).toBe(true);
      now += 1_000;
    }
  });

  test("makes room although it is full of a few that stay and many that are over", () => {
    let now = at;
    const state = memory({ entries: 100_000, clock: { now: () => now } });
    for (let key = 0; key < 50_000; key += 1) void state.put(`stays ${key}`, "x", 1_000_000);
    for (let key = 0; key < 50_000; key += 1) void state.put(`goes ${key}`, "x", 1_000);
    now += 1_000;
    expect(state.putIfAbsent("new", "x", 1_000)).toBe(true);
  });

  test("holds an entry up to the instant at which it ends, and not at it", () => {
    let now = at;
    const state = memory({ clock: { now: () => now } });
    void state.put("key", "value", 1_000);
    now += 999;
    expect(state.get("key")).toBe("value");
    expect(state.putIfAbsent("key", "other", 1_000)).toBe(false);
    now += 1;
    expect(state.get("key")).toBeUndefined();
    expect(state.take("key")).toBeUndefined();
  });

  test("a listener that stops another in its call, or itself, disturbs nobody", () => {
    const state = memory();
    const heard: string[] = [];
    const stops: (() => void)[] = [];
    for (const name of ["one", "two"]) {
      stops.push(
        state.subscribe("feed", (message) => {
          heard.push(`${name}: ${message}`);
          for (const stop of stops) stop();
        }) as () => void,
      );
    }
    void state.subscribe("feed", (message) => heard.push(`three: ${message}`));
    void state.publish("feed", "a");
    void state.publish("feed", "b");
    expect(heard).toEqual(["one: a", "three: a", "three: b"]);
  });
});
