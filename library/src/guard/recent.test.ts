import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { madeUpMethod } from "../../test/made-up-method.ts";
import { testLatchkey, testRequest } from "../testing/index.ts";
import { createRecentDigests } from "./recent.ts";

describe("digests of recent secrets", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  test("are found for a second, and no text of a secret is held for longer", () => {
    const recent = createRecentDigests();
    recent.keep("ada", "digest of ada");
    vi.advanceTimersByTime(999);
    recent.keep("bea", "digest of bea");
    expect(recent.find("ada")).toBe("digest of ada");
    expect(recent.find("carl")).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(recent.find("ada")).toBeUndefined();
    expect(recent.find("bea")).toBeUndefined();
    recent.keep("ada", "digest of ada");
    vi.advanceTimersByTime(1_000);
    expect(recent.find("ada")).toBeUndefined();
  });

  test("are a thousand at most", () => {
    const recent = createRecentDigests();
    for (let index = 0; index <= 1_000; index += 1) recent.keep(`secret ${index}`, `digest ${index}`);
    expect(recent.find("secret 999")).toBe("digest 999");
    expect(recent.find("secret 1000")).toBeUndefined();
  });
});

test("what people choose is never known by its text, however often it comes", async () => {
  const digested: string[] = [];
  const { method } = madeUpMethod();
  const digest = (secret: string): string => {
    digested.push(secret);
    return `name of ${secret}`;
  };
  const chosen = () => ({ ...method(), digest });
  const auth = await testLatchkey({ methods: [chosen] });
  const rule = auth.rule();
  for (let times = 0; times < 3; times += 1) await auth.check(testRequest({ headers: { "x-made-up": "ada" } }), rule);
  expect(digested).toEqual(["ada", "ada", "ada"]);
  await auth.close();
});

test("a credential whose text is remembered is judged anew on every request", async () => {
  const { method, asked } = madeUpMethod();
  const auth = await testLatchkey({ methods: [method] });
  const ask = async () => (await auth.check(testRequest({ headers: { "x-made-up": "ada" } }), auth.rule())).allowed;
  expect([await ask(), await ask(), await ask()]).toEqual([true, true, true]);
  expect(asked).toHaveLength(1);
  auth.clock.advance("2m");
  expect(await ask()).toBe(true);
  expect(asked).toHaveLength(2);
  await auth.close();
});
