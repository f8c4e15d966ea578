import { afterEach, describe, expect, test } from "vitest";
import { breakableStore } from "./breakable-store.ts";
import { mintApiKey, type TestLatchkey, testLatchkey, type TestLatchkeyOptions, testRequest } from "latchkey/testing";

/** Guessing credentials: from where it is counted, and what it costs nobody else. */
let auth: TestLatchkey;
afterEach(() => auth.close());

const limits = { credentialAddress: "10/1m" };
const gate = async (options: TestLatchkeyOptions = {}) => (auth = await testLatchkey({ limits, ...options }));
let guesses = 0;
const guess = async (peerAddress: string, headers: Record<string, string> = {}) => {
  const view = testRequest({ headers: { "x-api-key": `junk${(guesses += 1)}`, ...headers }, peerAddress });
  const decision = await auth.check(view, auth.rule());
  return decision.allowed ? "allowed" : decision.refusal.code;
};
/** Guesses with an address of its own each; how many were verified. */
const verified = async (count: number, from: (turn: number) => Parameters<typeof guess>) => {
  const codes = [];
  for (let turn = 0; turn < count; turn += 1) codes.push(await guess(...from(turn)));
  return codes.filter((code) => code !== "rate-limit.attempts").length;
};

describe("forged addresses", () => {
  test.each(["x-forwarded-for", "cf-connecting-ip", "x-real-ip", "true-client-ip", "forwarded"])(
    "in %s are one client where no proxy is trusted [attack:RL-01]",
    async (name) => {
      await gate();
      expect(await verified(15, (turn) => ["203.0.113.7", { [name]: `198.51.100.${turn}` }])).toBe(10);
    },
  );

  test("left of the one that our proxy added are one client [attack:RL-01]", async () => {
    await gate({ trustProxy: ["10.0.0.0/8"] });
    const forged = (turn: number) => `198.51.100.${turn}, 203.0.113.7:${50_000 + turn}`;
    expect(await verified(15, (turn) => ["10.0.0.1", { "x-forwarded-for": forged(turn) }])).toBe(10);
    expect(await guess("10.0.0.1", { "x-forwarded-for": "203.0.113.8" })).toBe("api-key.damaged");
  });

  test("of another client do not shut it out [attack:RL-01]", async () => {
    await gate({ trustProxy: ["10.0.0.0/8"] });
    await verified(15, () => ["203.0.113.7", { "x-forwarded-for": "192.0.2.1" }]);
    expect(await guess("192.0.2.1")).toBe("api-key.damaged");
    expect(await guess("10.0.0.1", { "x-forwarded-for": "192.0.2.1" })).toBe("api-key.damaged");
  });
});

describe("addresses of one network", () => {
  test("of IPv6 are one client for each /64, however they are written [attack:RL-03]", async () => {
    await gate();
    expect(await verified(1_000, (turn) => [`2001:db8:0:1::${turn.toString(16)}`])).toBe(10);
    expect(await guess("2001:0DB8:0000:0001:ffff:ffff:ffff:ffff")).toBe("rate-limit.attempts");
    expect(await guess("2001:db8:0:2::1")).toBe("api-key.damaged");
  });

  test("of IPv4 are clients of their own, in IPv6 clothes too [attack:RL-03]", async () => {
    await gate();
    expect(await verified(15, (turn) => [turn % 2 === 0 ? "203.0.113.7" : "::ffff:203.0.113.7"])).toBe(10);
    expect(await guess("203.0.113.8")).toBe("api-key.damaged");
  });

  test("that nobody tells, as a bare Request does not, share no limit: a stranger's guesses shut nobody out", async () => {
    await gate();
    const { headers } = await mintApiKey(auth);
    expect(await verified(15, () => [""])).toBe(15);
    expect(await auth.check(testRequest({ headers, peerAddress: "" }), auth.rule())).toMatchObject({ allowed: true });
  });
});

describe("a good credential", () => {
  test("gives its own place back, and clears no guess of its address", async () => {
    await gate();
    const { headers, record } = await mintApiKey(auth);
    await verified(9, () => ["203.0.113.7"]);
    for (let turn = 0; turn < 5; turn += 1) {
      // Each rotation forgets what was remembered of the key, so that it is verified again.
      await auth.apiKeys.rotate(record.id);
      expect(await guess("203.0.113.7", headers)).toBe("allowed");
    }
    expect(await guess("203.0.113.7")).toBe("api-key.damaged");
    expect(await guess("203.0.113.7")).toBe("rate-limit.attempts");
  });

  test("that is warm goes on from an address that guesses", async () => {
    await gate();
    const { headers } = await mintApiKey(auth);
    await guess("203.0.113.7", headers);
    await verified(15, () => ["203.0.113.7"]);
    expect(await guess("203.0.113.7", headers)).toBe("allowed");
  });
});

test("one dead credential is not verified more often than its limit, from however many addresses", async () => {
  await gate({ limits: { credential: "5/1m" } });
  const { headers } = await mintApiKey(auth, { state: "revoked" });
  expect(await verified(20, (turn) => [`203.0.113.${turn}`, headers])).toBe(5);
  auth.clock.advance("1m");
  expect(await guess("203.0.113.99", headers)).toBe("api-key.revoked");
});

test("a credential that could not be judged while the store was gone is not counted against its holder", async () => {
  const { store, wire } = breakableStore();
  await gate({ store, limits: { credential: "5/1m", credentialAddress: "5/1m" } });
  const { headers } = await mintApiKey(auth);
  wire.cut = true;
  for (let turn = 0; turn < 20; turn += 1) await expect(guess("203.0.113.7", headers)).rejects.toThrow("the wire is cut");
  wire.cut = false;
  expect(await guess("203.0.113.7", headers)).toBe("allowed");
});
