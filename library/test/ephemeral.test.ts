import { describe, expect, test } from "vitest";
import type { Ephemeral } from "latchkey";
import { redis } from "latchkey/redis";
import { memory } from "../src/stores/memory/index.ts";
import { ephemeralSuite } from "../src/testing/suites/index.ts";
import { describeWithRedis, emptyRedis } from "./services.ts";

describe("short-lived state in memory", () => {
  const suite = ephemeralSuite(() => {
    let now = Date.parse("2026-11-24T00:00:00Z");
    const state = memory({ clock: { now: () => now } });
    return { node: () => state, now: () => now, pass: (milliseconds) => void (now += milliseconds), remove: () => state.close() };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});

describeWithRedis("short-lived state on Redis", () => {
  const suite = ephemeralSuite(() => {
    const { url, prefix } = emptyRedis();
    const nodes: Ephemeral[] = [];
    return {
      node() {
        const node = redis(url, { prefix });
        nodes.push(node);
        return node;
      },
      now: () => Date.now(),
      // Redis has a clock of its own, which no test can set.
      pass: (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds + 5)),
      async remove() {
        for (const node of nodes) await node.close();
      },
    };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});
