import { describe, expect, test } from "vitest";
import type { SignInAttempt } from "../../contracts/index.ts";
import { deriveKeys } from "../../primitives/index.ts";
import { memory } from "../../stores/memory/index.ts";
import { createCounters } from "./counters.ts";
import { createKnownPlaces } from "./known-places.ts";
import { readLimitOptions, type LimitOptions } from "./options.ts";
import { createSignInLimits } from "./sign-in.ts";

const secrets = ["a current master secret of more than 32 bytes", "an old master secret of more than 32 bytes"];
const minute = 60_000;

function open(options: LimitOptions = {}, keys = deriveKeys(secrets, "known-device")) {
  const time = { now: Date.parse("2026-11-24T00:00:00Z") };
  const clock = { now: () => time.now };
  const counters = createCounters({ shared: undefined, clock, onFault: () => undefined });
  const places = createKnownPlaces(memory({ clock }));
  const limits = createSignInLimits({ counters, places, budgets: readLimitOptions(options).signIn, clock, keys });
  const attempt = (facts: Partial<SignInAttempt>): SignInAttempt => ({
    account: "ada@example.com",
    address: "192.0.2.1",
    device: undefined,
    ...facts,
  });
  /** How many of so many failures in a row are looked at. */
  const failures = async (count: number, facts: (turn: number) => Partial<SignInAttempt>): Promise<number> => {
    let looked = 0;
    for (let turn = 0; turn < count; turn += 1) if ((await limits.admit(attempt(facts(turn)))) === undefined) looked += 1;
    return looked;
  };
  return { limits, attempt, failures, time };
}

describe("the limits of signing in", () => {
  test("let five failures of an account pass, wherever they come from, until the window is over [attack:RL-04] [asvs:V6.3.1]", async () => {
    const { failures, time } = open();
    expect(await failures(1_000, (turn) => ({ address: `198.51.${turn >> 8}.${turn & 255}` }))).toBe(5);
    time.now += 15 * minute - 1;
    expect(await failures(1, () => ({ address: "203.0.113.1" }))).toBe(0);
    time.now += 1;
    expect(await failures(10, () => ({ address: "203.0.113.1" }))).toBe(5);
  });

  test("let a hundred failures from one address pass, whatever the accounts are [attack:RL-04]", async () => {
    const { failures } = open();
    expect(await failures(1_000, (turn) => ({ account: `user${turn}@example.com` }))).toBe(100);
  });

  test("hold for the whole house, and take nothing from the accounts then [attack:RL-04]", async () => {
    const { failures, limits, attempt, time } = open({ signInGlobal: "20/1m" });
    expect(await failures(50, (turn) => ({ account: `user${turn}@example.com`, address: `198.51.100.${turn}` }))).toBe(20);
    expect(await failures(10, () => ({}))).toBe(0);
    time.now += minute;
    expect(await limits.admit(attempt({}))).toBeUndefined();
  });

  test("hold for one account from one address for longer", async () => {
    const { failures, time } = open();
    let looked = 0;
    for (let window = 0; window < 3; window += 1) {
      looked += await failures(20, () => ({}));
      time.now += 15 * minute;
    }
    expect(looked).toBe(10);
  });

  test("are not reset by successes in between, neither of the account nor of the address [attack:RL-04]", async () => {
    const { limits, attempt, failures } = open({ signInAddress: "10/15m" });
    let looked = 0;
    for (let turn = 0; turn < 40; turn += 1) {
      if ((await limits.admit(attempt({ account: "carlos@example.com" }))) === undefined) looked += 1;
      const own = attempt({ account: "wiener@example.com" });
      if ((await limits.admit(own)) === undefined) await limits.passed(own);
    }
    expect(looked).toBe(5);
    const others = await failures(20, (turn) => ({ account: `user${turn}@example.com` }));
    expect(others).toBe(5);
  });

  test("do not count successes: an office of two hundred signs in from one address", async () => {
    const { limits, attempt } = open();
    for (let turn = 0; turn < 200; turn += 1) {
      const own = attempt({ account: `user${turn}@example.com` });
      expect(await limits.admit(own)).toBeUndefined();
      await limits.passed(own);
    }
  });

  test("let somebody who is refused for his address take nothing from the account he names", async () => {
    const { failures, limits, attempt } = open({ signInAddress: "3/15m" });
    await failures(3, (turn) => ({ account: `user${turn}@example.com` }));
    expect(await failures(50, () => ({}))).toBe(0);
    expect(await limits.admit(attempt({ address: "203.0.113.1" }))).toBeUndefined();
  });

  test("count a network of IPv6 as one address: /64, or as it is set [attack:RL-03]", async () => {
    const inOne = (turn: number) => ({ account: `user${turn}@example.com`, address: `2001:db8:0:1::${turn.toString(16)}` });
    const inMany = (turn: number) => ({ account: `user${turn}@example.com`, address: `2001:db8:0:${turn.toString(16)}::1` });
    expect(await open().failures(1_000, inOne)).toBe(100);
    expect(await open().failures(1_000, inMany)).toBe(1_000);
    expect(await open({ ipv6Bits: 48 }).failures(1_000, inMany)).toBe(100);
  });

  test("share no bucket among those whose address is unknown", async () => {
    expect(await open().failures(1_000, (turn) => ({ account: `user${turn}@example.com`, address: "" }))).toBe(1_000);
  });

  test("say when to come again, which limit it was to the operator only, and nothing of the account", async () => {
    const { failures, limits, attempt, time } = open();
    await failures(5, () => ({}));
    time.now += 5 * minute;
    expect(await limits.admit(attempt({}))).toMatchObject({
      code: "rate-limit.sign-in",
      status: 429,
      retryAfterSeconds: 600,
      detail: "account: 6 of 5",
      hint: undefined,
      rateLimit: { policy: "sign-in", limit: 5, windowSeconds: 900, remaining: 0, resetSeconds: 600 },
    });
  });
});

describe("a device that has signed in before", () => {
  test("is let in while others use up everything [attack:RL-04]", async () => {
    const { failures, limits, attempt } = open();
    const device = limits.deviceToken(attempt({}));
    await failures(500, (turn) => ({ address: `198.51.${turn >> 8}.${turn & 255}` }));
    await failures(500, (turn) => ({ account: `user${turn}@example.com` }));
    expect(await limits.admit(attempt({}))).toBeDefined();
    expect(await limits.admit(attempt({ device }))).toBeUndefined();
  });

  test("has a small budget of its own", async () => {
    const { failures, limits, attempt } = open();
    const device = limits.deviceToken(attempt({}));
    expect(await failures(50, () => ({ device }))).toBe(5);
    expect(await limits.admit(attempt({ device: limits.deviceToken(attempt({})) }))).toBeUndefined();
  });

  test("is a stranger to another account, after half a year, and under a key that is gone", async () => {
    const { failures, limits, attempt, time } = open({ signInAccount: "1/15m" });
    const device = limits.deviceToken(attempt({}));
    const stranger = async (facts: Partial<SignInAttempt>) => {
      await failures(1, () => facts);
      return (await limits.admit(attempt({ ...facts }))) !== undefined;
    };
    expect(await stranger({ device, account: "bob@example.com" })).toBe(true);
    expect(await stranger({ device })).toBe(false);
    time.now += 181 * 86_400_000;
    expect(await stranger({ device })).toBe(true);
    const rotated = open({ signInAccount: "1/15m" }, deriveKeys(["a third master secret of more than 32 bytes"], "known-device"));
    expect(await rotated.failures(5, () => ({ device }))).toBe(1);
  });

  test("stays known when the master secret is rotated", async () => {
    const old = open({ signInAccount: "1/15m" }, deriveKeys([secrets[1]!], "known-device"));
    const device = old.limits.deviceToken(old.attempt({}));
    const { failures } = open({ signInAccount: "1/15m" });
    expect(await failures(5, () => ({ device }))).toBe(5);
  });

  test.each(["", "x", "a.b.c.d", `${"0".repeat(16)}.${"A".repeat(16)}.0.${"A".repeat(43)}`, "\0", "é".repeat(100), "x".repeat(100_000)])(
    "is not made up: %.20s",
    async (device) => expect(await open().failures(50, () => ({ device }))).toBe(5),
  );

  test("is not made up by changing one character of a true token", async () => {
    const { failures, limits, attempt } = open();
    const token = limits.deviceToken(attempt({}));
    await failures(10, () => ({}));
    // The last character carries two spare bits; every other change is a change of the token.
    for (let place = 0; place < token.length - 1; place += 1) {
      const device = token.slice(0, place) + (token[place] === "0" ? "1" : "0") + token.slice(place + 1);
      expect(await limits.admit(attempt({ device }))).toBeDefined();
    }
  });
});

describe("an address that has signed in before", () => {
  const right = async ({ limits, attempt }: ReturnType<typeof open>) => {
    const own = attempt({});
    await limits.admit(own);
    await limits.passed(own);
    await limits.remember(own);
  };

  test("is let in while others use up the account, and has a small budget of its own [attack:RL-04]", async () => {
    const house = open();
    await right(house);
    expect(await house.failures(500, (turn) => ({ address: `198.51.${turn >> 8}.${turn & 255}` }))).toBe(5);
    expect(await house.failures(50, () => ({ address: "192.0.2.2" }))).toBe(0);
    await right(house);
    expect(await house.failures(50, () => ({}))).toBe(5);
  });

  test("is known for this account only, and forgotten after five weeks without", async () => {
    const house = open({ signInAccount: "1/15m" });
    await right(house);
    expect(await house.failures(5, () => ({ account: "bob@example.com" }))).toBe(1);
    house.time.now += 30 * 86_400_000;
    await right(house);
    house.time.now += 30 * 86_400_000;
    expect(await house.failures(9, () => ({}))).toBe(5);
    house.time.now += 6 * 86_400_000;
    expect(await house.failures(9, () => ({}))).toBe(1);
  });

  test("gives back what it took as a stranger, also when it became known meanwhile", async () => {
    const house = open({ signInAccount: "2/15m" });
    const first = house.attempt({});
    await house.limits.admit(first);
    await right(house);
    await house.limits.passed(first);
    // Nothing is left of it: two strangers may still fail.
    expect(await house.failures(9, (turn) => ({ address: `203.0.113.${turn}` }))).toBe(2);
  });

  test("is a stranger while the state that knows it is lost", async () => {
    const lost = { get: () => Promise.reject(new Error("away")), put: () => Promise.reject(new Error("away")) };
    const places = createKnownPlaces(lost);
    await places.remember("a", "b");
    expect(await places.has("a", "b")).toBe(false);
  });
});

describe("the options of limits", () => {
  test.each([
    [{ signInAccount: "5" }, "limits.signInAccount"],
    [{ signinAccount: "5/1m" }, "limits"],
    [{ roles: { "a b": "1/1m" } }, "limits.roles"],
    [{ roles: { trial: "much" } }, "limits.roles.trial"],
    [{ ipv6Bits: 56 }, "limits.ipv6Bits"],
  ])("are refused with their name: %j", (options, name) => {
    expect(() => readLimitOptions(options as never)).toThrow(new RegExp(`^${name}: got .* Example: `));
  });

  test("may be off", async () => {
    const off = { signInAccount: "off", signInAddress: "off", signInBoth: "off", signInGlobal: "off" };
    expect(await open(off).failures(5_000, () => ({}))).toBe(5_000);
  });
});
