import { afterEach, describe, expect, test, vi } from "vitest";
import { createStrength } from "./strength.ts";

afterEach(() => void vi.useRealTimers());

describe("the strength of a password", () => {
  const strength = createStrength();

  test.each([
    ["password1", true],
    ["qwertyuiop", true],
    ["Summer2024", true],
    ["four quiet grey horses", false],
    ["x7#kQ9!vLm2p", false],
  ])("of %j: common is %j", async (password, common) => expect(await strength.isCommon(password)).toBe(common));

  test("is judged in a thread of its own: the loop turns meanwhile, also while the lists are read", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await strength.isCommon("password1");
    // The thread is let go of, so that the next one reads the lists again.
    vi.advanceTimersByTime(60_000);
    let turns = 0;
    let judged = false;
    const count = (): void => {
      turns += 1;
      if (!judged) setImmediate(count);
    };
    setImmediate(count);
    expect(await strength.isCommon("password1")).toBe(true);
    judged = true;
    // Read in this thread it turns no more than a few dozen times.
    expect(turns).toBeGreaterThan(200);
  });

  test("has a bounded queue: LATCHKEY_PASSWORD_QUEUE_FULL", async () => {
    const asked = Array.from({ length: 70 }, (_, index) => strength.isCommon(`password${index}`));
    const outcomes = await Promise.allSettled(asked);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(64);
    for (const outcome of outcomes.slice(64))
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "LATCHKEY_PASSWORD_QUEUE_FULL" } });
    expect(await strength.isCommon("password1")).toBe(true);
  });
});
