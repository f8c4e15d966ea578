import { describe, expect, test } from "vitest";
import { type ClaimLoop, countBy, createClaimLoop, spread } from "./index.ts";

interface Row {
  readonly id: number;
}

/** A try, or a look into the table, that the test ends. */
interface Held {
  end(): void;
  fail(error: Error): void;
}

interface Bench {
  readonly loop: ClaimLoop;
  /** What waits. */
  readonly table: Row[];
  readonly done: number[];
  readonly faults: unknown[];
  /** Tries and looks that have begun and not ended. */
  readonly tries: Held[];
  readonly looks: Held[];
  /** Most tries that were under way together, and looks likewise. */
  readonly most: { tries: number; looks: number };
}

/** `hold`: what does not end by itself. */
function bench({ atOnce = 3, hold = [] }: { atOnce?: number; hold?: readonly ("tries" | "looks")[] } = {}): Bench {
  const table: Row[] = [];
  const held = { tries: [] as Held[], looks: [] as Held[] };
  const [done, faults, most] = [[] as number[], [] as unknown[], { tries: 0, looks: 0 }];
  const now = { tries: 0, looks: 0 };
  async function step(kind: "tries" | "looks"): Promise<void> {
    now[kind] += 1;
    most[kind] = Math.max(most[kind], now[kind]);
    await new Promise<void>((resolve, reject) => {
      if (hold.includes(kind)) held[kind].push({ end: resolve, fail: reject });
      else setImmediate(resolve);
    }).finally(() => (now[kind] -= 1));
  }
  const loop = createClaimLoop<Row>({
    async claim(room, underWay) {
      expect(room).toBe(atOnce - underWay.length);
      const seen = table.splice(0, room);
      await step("looks").catch((error: unknown) => {
        table.unshift(...seen);
        throw error;
      });
      return seen;
    },
    async attempt({ id }) {
      await step("tries");
      done.push(id);
    },
    atOnce,
    pollMs: 1_000,
    onFault: (error) => faults.push(error),
  });
  return { loop, table, done, faults, ...held, most };
}

const rows = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }));
const turns = async (count = 5): Promise<void> => {
  for (let at = 0; at < count; at += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe("the loop over an outbox", () => {
  test("tries everything that is due, so many at once and no more, and counts the tries", async () => {
    const { loop, table, done, most } = bench({ atOnce: 3 });
    table.push(...rows(10));
    expect(await loop.drain()).toBe(10);
    expect(done.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(most).toEqual({ tries: 3, looks: 1 });
    expect(await loop.drain()).toBe(0);
  });

  test("looks once at a time, however often it is woken", async () => {
    const { loop, table, looks, most } = bench({ hold: ["looks"] });
    table.push(...rows(2));
    for (let times = 0; times < 5; times += 1) loop.wake();
    await turns();
    expect(looks).toHaveLength(1);
    looks[0]!.end();
    await turns();
    expect(most.looks).toBe(1);
  });

  test("looks again for what came while it was looking", async () => {
    const { loop, table, done, looks } = bench({ hold: ["looks"] });
    loop.wake();
    await turns();
    table.push(...rows(1));
    loop.wake();
    looks[0]!.end();
    await turns();
    expect(looks).toHaveLength(2);
    looks[1]!.end();
    await turns();
    expect(done).toEqual([0]);
  });

  test("fills the room of each try that ends, beside one that does not", async () => {
    const { loop, table, tries, done } = bench({ atOnce: 2, hold: ["tries"] });
    table.push(...rows(4));
    loop.wake();
    await turns();
    for (let at = 1; at <= 3; at += 1) {
      expect(tries).toHaveLength(at + 1);
      tries[at]!.end();
      await turns();
    }
    expect(done).toEqual([1, 2, 3]);
  });

  test("drains what was put while a look was under way that did not see it", async () => {
    const { loop, table, done, looks } = bench({ hold: ["looks"] });
    loop.wake();
    await turns();
    table.push(...rows(1));
    const drained = loop.drain();
    for (let at = 0; at < 3; at += 1) {
      await turns();
      looks[at]?.end();
    }
    expect(await drained).toBe(1);
    expect(done).toEqual([0]);
  });

  test("reports a try that fails, and goes on", async () => {
    const { loop, table, tries, done, faults } = bench({ hold: ["tries"] });
    table.push(...rows(2));
    const drained = loop.drain();
    await turns();
    tries[0]!.fail(new Error("no answer"));
    tries[1]!.end();
    expect(await drained).toBe(2);
    expect([done, faults.map(String)]).toEqual([[1], ["Error: no answer"]]);
  });

  test("reports a look that fails, or tells whoever drains, and goes on", async () => {
    const { loop, table, looks, done, faults } = bench({ hold: ["looks"] });
    table.push(...rows(1));
    loop.wake();
    looks[0]!.fail(new Error("no table"));
    await turns();
    const drained = loop.drain();
    await turns();
    looks[1]!.fail(new Error("still none"));
    await expect(drained).rejects.toThrow("still none");
    expect(faults.map(String)).toEqual(["Error: no table"]);
    loop.wake();
    looks[2]!.end();
    await turns();
    expect(done).toEqual([0]);
  });

  test("begins nothing once it was stopped, and waits for what is under way", async () => {
    const { loop, table, tries, done } = bench({ atOnce: 1, hold: ["tries"] });
    table.push(...rows(2));
    loop.start();
    loop.wakeSoon();
    loop.wake();
    await turns();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await turns();
    expect([stopped, tries.length]).toEqual([false, 1]);
    tries[0]!.end();
    await stopping;
    loop.wake();
    expect(await loop.drain()).toBe(0);
    expect([done, table]).toEqual([[0], [{ id: 1 }]]);
  });

  test("begins what a look found that was under way when it was stopped, since nobody else may", async () => {
    const { loop, table, looks, done } = bench({ hold: ["looks"] });
    table.push(...rows(1));
    loop.wake();
    await turns();
    const stopping = loop.stop();
    looks[0]!.end();
    await stopping;
    expect(done).toEqual([0]);
  });
});

describe("the pieces of a claim", () => {
  test("count what is under way by its receiver", () => {
    const countOf = countBy(["a1", "a2", "b1"], (row) => row.slice(0, 1));
    expect([countOf("a"), countOf("b"), countOf("c")]).toEqual([2, 1, 0]);
  });

  test("spread a pause by a fifth at most, each time otherwise", () => {
    const spans = Array.from({ length: 1_000 }, () => spread(10_000));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(8_000);
    expect(Math.max(...spans)).toBeLessThanOrEqual(12_000);
    expect(new Set(spans).size).toBeGreaterThan(100);
  });
});
