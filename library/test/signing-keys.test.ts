import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sqlite } from "latchkey/sqlite";
import { mintUser, testClock, type TestClock, testLatchkey, type TestLatchkey } from "latchkey/testing";
import type { Store } from "latchkey";

const issuer = "https://auth.example.com";
const secret = "one that all the nodes have, of 32 bytes or more";
const day = 86_400_000;
let clock: TestClock;
let folder: string;
let store: Store;
let nodes: TestLatchkey[];

/** Another node on the same database, with the same clock. */
const node = async (options: Parameters<typeof testLatchkey>[0] = {}) => {
  const made = await testLatchkey({ issuer, secret, clock, store: sqlite(join(folder, "latchkey.db")), ...options });
  nodes.push(made);
  return made;
};

beforeEach(() => {
  clock = testClock();
  folder = mkdtempSync(join(tmpdir(), "latchkey-keys-"));
  store = sqlite(join(folder, "latchkey.db"));
  nodes = [];
});
afterEach(async () => {
  await Promise.all(nodes.map((one) => one.close()));
  await store.close();
  rmSync(folder, { recursive: true });
});

const keySet = async (on: TestLatchkey, headers: Record<string, string> = {}) =>
  on.fetch(new Request(`${issuer}/.well-known/jwks.json`, { headers }));
const kids = async (on: TestLatchkey) => ((await (await keySet(on)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
const codeFor = async (on: TestLatchkey, token: string) => {
  const decision = await on.check(new Request(`${issuer}/whoami`, { headers: { authorization: `Bearer ${token}` } }), {});
  return decision.allowed ? "allowed" : decision.refusal.code;
};
const states = async (on: TestLatchkey) => (await on.signingKeys.list()).map(({ state }) => state);
const kidOf = (token: string) => (JSON.parse(Buffer.from(token.split(".")[0]!, "base64url").toString()) as { kid: string }).kid;

describe("signing keys", () => {
  test("are made at the first use, and once only by nodes that start together", async () => {
    const [one, other] = await Promise.all([node(), node()]);
    expect(await one.signingKeys.list()).toEqual([]);
    const [first, second] = await Promise.all([kids(one), kids(other)]);
    expect(first).toHaveLength(1);
    expect(second).toEqual(first);
    expect(await states(one)).toEqual(["current"]);
  });

  test("sign at once on a node whose clock is behind that of the one that made the first", async () => {
    const ahead = await node();
    const behind = await node({ clock: testClock(clock.now() - 90_000) });
    const [kid] = await kids(ahead);
    const { id: user } = await mintUser(behind);
    expect(kidOf((await behind.tokens.issue({ subject: user })).token)).toBe(kid);
    expect(await states(behind)).toEqual(["current"]);
  });

  test("are stored sealed, and only their public part is published", async () => {
    const one = await node();
    const [jwk] = ((await (await keySet(one)).json()) as { keys: object[] }).keys;
    expect(Object.keys(jwk!).toSorted()).toEqual(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    const rows = await store
      .database<{ latchkey_signing_key: { sealed: string } }>()
      .selectFrom("latchkey_signing_key")
      .selectAll()
      .execute();
    expect(rows[0]!.sealed).toMatch(/^s1\.[0-9a-f]{16}\.[\w-]+$/);
    expect(JSON.stringify(rows)).not.toMatch(/PRIVATE|"d"/);
  });

  test("are published with a tag and a time to keep them", async () => {
    const one = await node();
    const answer = await keySet(one);
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect(answer.headers.get("content-type")).toBe("application/jwk-set+json");
    const etag = answer.headers.get("etag")!;
    expect((await keySet(one, { "if-none-match": etag })).status).toBe(304);
    await one.signingKeys.rotate();
    expect((await keySet(one, { "if-none-match": etag })).status).toBe(200);
  });

  test("are published before they sign, and until the last token they signed has expired", async () => {
    const one = await node();
    const { id: subject } = await mintUser(one);
    const old = await one.tokens.issue({ subject, expiresIn: "24h" });
    const next = await one.signingKeys.rotate();
    expect(next).toMatchObject({ state: "next", signsFrom: clock.now() + 600_000 });
    expect((await one.signingKeys.rotate()).id).toBe(next.id);
    expect(await kids(one)).toEqual([kidOf(old.token), next.id]);
    expect(kidOf((await one.tokens.issue({ subject })).token)).toBe(kidOf(old.token));
    clock.advance(600_000);
    const last = await one.tokens.issue({ subject, expiresIn: "24h" });
    expect(kidOf(last.token)).toBe(next.id);
    expect(await states(one)).toEqual(["retired", "current"]);
    clock.set(old.expiresAt - 1);
    expect(await codeFor(one, old.token)).toBe("allowed");
    expect(await kids(one)).toContain(kidOf(old.token));
    clock.advance(day);
    await one.signingKeys.rotate();
    expect(await kids(one)).not.toContain(kidOf(old.token));
  });

  test("rotate by themselves, once, whichever node does it", async () => {
    const [one, other] = await Promise.all([node(), node()]);
    const { id: subject } = await mintUser(one);
    const first = kidOf((await one.tokens.issue({ subject })).token);
    clock.advance(90 * day - 600_000);
    await Promise.all([one.tokens.issue({ subject }), other.tokens.issue({ subject })]);
    expect(await states(one)).toEqual(["current", "next"]);
    clock.advance(600_000);
    const [a, b] = await Promise.all([one.tokens.issue({ subject }), other.tokens.issue({ subject })]);
    expect(kidOf(a.token)).toBe(kidOf(b.token));
    expect(kidOf(a.token)).not.toBe(first);
  });

  test("that are withdrawn are refused at once, on other nodes too, and another one signs", async () => {
    const [one, other] = await Promise.all([node(), node()]);
    const { id: subject } = await mintUser(one);
    const { token } = await one.tokens.issue({ subject });
    expect(await codeFor(other, token)).toBe("allowed");
    expect(await one.signingKeys.retire(kidOf(token))).toBe(true);
    expect(await one.signingKeys.retire(kidOf(token))).toBe(false);
    clock.advance(1);
    expect([await codeFor(one, token), await codeFor(other, token)]).toEqual(["jwt.unknown-key", "jwt.unknown-key"]);
    const again = await one.tokens.issue({ subject });
    expect([await codeFor(one, again.token), await codeFor(other, again.token)]).toEqual(["allowed", "allowed"]);
    expect((await one.signingKeys.list()).map(({ state }) => state)).toEqual(["withdrawn", "current"]);
  });

  test("open after the master secret was rotated, and are sealed under the new one", async () => {
    const one = await node();
    const { id: subject } = await mintUser(one);
    const { token } = await one.tokens.issue({ subject });
    const renewed = "the new one of them, of 32 bytes or more too";
    const rotated = await node({ secret: [renewed, secret] });
    expect(kidOf((await rotated.tokens.issue({ subject })).token)).toBe(kidOf(token));
    const afterwards = await node({ secret: renewed });
    expect(await codeFor(afterwards, token)).toBe("allowed");
    expect(kidOf((await afterwards.tokens.issue({ subject })).token)).toBe(kidOf(token));
  });

  test("under a master secret that is gone sign nothing: LATCHKEY_SECRET_MISMATCH; what they signed is still good", async () => {
    const one = await node();
    const { id: subject } = await mintUser(one);
    const { token } = await one.tokens.issue({ subject });
    const other = await node({ secret: "another one altogether, of 32 bytes or more" });
    await expect((async () => other.tokens.issue({ subject }))()).rejects.toMatchObject({ code: "LATCHKEY_SECRET_MISMATCH" });
    expect(await codeFor(other, token)).toBe("allowed");
  });

  test.each(["ES256", "EdDSA", "RS256", "PS256", "HS256"] as const)(
    "may be for %s, and show nothing that is secret [attack:ID-07]",
    async (algorithm) => {
      const one = await node({ signingKeys: { algorithm } });
      const { id: subject } = await mintUser(one);
      const { token } = await one.tokens.issue({ subject });
      expect(await codeFor(one, token)).toBe("allowed");
      // A secret is never published.
      expect(await kids(one)).toHaveLength(algorithm === "HS256" ? 0 : 1);
      const { keys } = (await (await keySet(one)).json()) as { keys: object[] };
      const open = ["alg", "crv", "e", "kid", "kty", "n", "use", "x", "y"];
      expect(keys.flatMap((key) => Object.keys(key)).filter((name) => !open.includes(name))).toEqual([]);
    },
  );

  test.each([
    [{ algorithm: "none" }, "signingKeys.algorithm"],
    [{ rotateEvery: "1s" }, "signingKeys.rotateEvery"],
    [{ publishAhead: "x" }, "signingKeys.publishAhead"],
  ])("refuse options that cannot be used: %j", async (signingKeys, name) => {
    await expect(node({ signingKeys: signingKeys as never })).rejects.toThrow(name);
  });

  test("rotate under load without one request refused [attack:JW-23]", async () => {
    const [one, other] = await Promise.all([node(), node()]);
    const { id: subject } = await mintUser(one);
    const codes = new Set<string>();
    const used = new Set<string>();
    const tokens: string[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      clock.advance("1m");
      if (minute % 20 === 5) await one.signingKeys.rotate();
      for (const issuing of [one, other]) {
        const { token } = await issuing.tokens.issue({ subject, expiresIn: "1h" });
        tokens.push(token);
        used.add(kidOf(token));
        codes.add(await codeFor(issuing === one ? other : one, token));
      }
      codes.add(await codeFor(other, tokens[Math.floor(tokens.length / 2)]!));
    }
    expect([...codes]).toEqual(["allowed"]);
    expect(used.size).toBe(4);
  });

  test("are used on by a node that cannot reach the store, but sign nothing once another may have taken over [attack:JW-23]", async () => {
    const broken = { on: false };
    const failing: Store = {
      ...store,
      close: () => Promise.resolve(),
      database: () => {
        if (broken.on) throw new Error("the store is away");
        return store.database();
      },
    };
    const one = await node({ store: failing, cache: { silenceSeconds: 3_600 } });
    const { id: subject } = await mintUser(one);
    const { token } = await one.tokens.issue({ subject });
    broken.on = true;
    expect(await codeFor(one, token)).toBe("allowed");
    clock.advance(599_000);
    const late = await one.tokens.issue({ subject });
    expect(await codeFor(one, late.token)).toBe("allowed");
    clock.advance(2_000);
    await expect((async () => one.tokens.issue({ subject }))()).rejects.toThrow("the store is away");
    expect(await codeFor(one, late.token)).toBe("allowed");
  });
});
