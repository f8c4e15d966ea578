import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithRedis, emptyRedis } from "../../../test/services.ts";
import { type Ephemeral, Fault, OptionFault } from "../../contracts/index.ts";
import { redis } from "./index.ts";

describeWithRedis("ephemeral state on Redis", () => {
  let one: Ephemeral;
  let other: Ephemeral;
  beforeAll(() => {
    const { url, prefix } = emptyRedis();
    one = redis(url, { prefix });
    other = redis(url, { prefix });
  });
  afterAll(async () => {
    await one.close();
    await other.close();
  });

  it("lets one of many put a key", async () => {
    const won = await Promise.all(Array.from({ length: 50 }, async (_, n) => (n % 2 ? one : other).putIfAbsent("replay", "x", 60_000)));
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it("gives a one-time value to one of many", async () => {
    await one.put("code", "value", 60_000);
    const taken = await Promise.all(Array.from({ length: 50 }, async (_, n) => (n % 2 ? one : other).take("code")));
    expect(taken.filter((value) => value === "value")).toHaveLength(1);
  });

  it("loses no count, and keeps the window of the first call", async () => {
    const counts = await Promise.all(Array.from({ length: 50 }, async (_, n) => (n % 2 ? one : other).increment("count", 1, 60_000)));
    expect(Math.max(...counts.map(({ count }) => count))).toBe(50);
    expect((await one.increment("count", 1, 900_000)).resetAt).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it("does not count below zero when a place is given back after the window", async () => {
    expect((await one.increment("gone", -1, 60_000)).count).toBe(0);
    expect((await one.increment("gone", 1, 60_000)).count).toBe(1);
  });

  it("replaces a value for one of many who saw the same, and brings nothing back that is gone", async () => {
    await one.put("seen", "0", 60_000);
    const won = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => (n % 2 ? one : other).replace("seen", "0", String(n + 1), 60_000)),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    await one.remove("seen");
    expect(await other.replace("seen", "0", "1", 60_000)).toBe(false);
    expect(await other.get("seen")).toBeUndefined();
  });

  it("tells other nodes, until the listener stops", async () => {
    let stop: () => void = () => undefined;
    const first = new Promise<string>((resolve) => {
      void Promise.resolve(other.subscribe("feed", resolve)).then(async (stopping) => {
        stop = stopping;
        await one.publish("feed", "hello");
      });
    });
    expect(await first).toBe("hello");
    stop();
  });

  it("rejects with a Fault when Redis is away, and does not end the process", async () => {
    const away = redis("redis://127.0.0.1:1", { timeoutMs: 300 });
    await expect(away.putIfAbsent("k", "v", 1_000)).rejects.toBeInstanceOf(Fault);
    await expect(away.take("k")).rejects.toBeInstanceOf(Fault);
    await away.close();
  });

  it("refuses a URL of another scheme when built, without printing it", () => {
    expect(() => redis("http://user:hunter2@localhost")).toThrow(OptionFault);
    expect(() => redis("http://user:hunter2@localhost")).not.toThrow(/hunter2/);
  });
});
