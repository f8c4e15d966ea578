import { afterEach, describe, expect, test } from "vitest";
import { createLatchkey, type Ephemeral, Fault, type Latchkey, type LatchkeyOptions } from "latchkey";
import { redis } from "latchkey/redis";
import { sqlite } from "latchkey/sqlite";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { weakPasswords } from "./accounts-house.ts";
import { browser, json } from "./browser.ts";
import { startRedis } from "./engines.ts";
import { describeWithRedis, emptyRedis } from "./services.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";
const opened: Latchkey[] = [];
const folder = mkdtempSync(join(tmpdir(), "lk-limits-"));
const time = { now: Date.parse("2026-11-24T00:00:00Z") };

async function open(options: Partial<LatchkeyOptions> = {}): Promise<Latchkey> {
  const auth = await createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(":memory:"),
    secret: "a test secret of at least 32 bytes",
    clock: { now: () => time.now },
    passwords: weakPasswords,
    ...options,
  });
  opened.push(auth);
  return auth;
}

afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
  rmSync(folder, { recursive: true, force: true });
});

const signIn = (auth: Latchkey, facts: { guess?: string; who?: string; headers?: Record<string, string>; address?: string } = {}) =>
  browser(auth).ask("POST", "/login", {
    body: { email: facts.who ?? email, password: facts.guess ?? "wrong" },
    headers: facts.headers ?? {},
    address: facts.address ?? "203.0.113.7",
  });

const statuses = async (count: number, ask: (turn: number) => Promise<{ status: number }>) =>
  Promise.all(Array.from({ length: count }, async (_, turn) => (await ask(turn)).status));
const countOf = (list: readonly number[], status: number) => list.filter((one) => one === status).length;

describe("signing in", () => {
  test("is refused with 429, Retry-After and the RateLimit fields after five failures, and works again after the window", async () => {
    const auth = await open();
    await auth.users.create({ email, password });
    for (let turn = 0; turn < 5; turn += 1) expect((await signIn(auth)).status).toBe(401);
    const refused = await signIn(auth, { guess: password });
    expect(refused.status).toBe(429);
    expect(json(refused)).toMatchObject({ code: "rate-limit.sign-in" });
    expect(refused.headers).toMatchObject({
      "retry-after": "900",
      "ratelimit-policy": '"sign-in";q=5;w=900',
      ratelimit: '"sign-in";r=0;t=900',
    });
    const events = await auth.audit.list({ action: "sign-in.refused" });
    expect(events.map(({ outcome }) => outcome)).toEqual(["rate-limit.sign-in", ...Array.from({ length: 5 }, () => "password.wrong")]);
    expect(events[0]?.detail).toBe("account: 6 of 5");
    time.now += 15 * 60_000;
    expect((await signIn(auth, { guess: password })).status).toBe(200);
  });

  test("says the same of an account that does not exist", async () => {
    const auth = await open();
    await auth.users.create({ email, password });
    const answers = async (who: string) => {
      const all = [];
      for (let turn = 0; turn < 7; turn += 1) {
        const { status, headers, body } = await signIn(auth, { who, address: "" });
        all.push(
          [status, headers, { ...JSON.parse(String(body)), requestId: "" }].map((part) => JSON.stringify(part).replaceAll(/req_\w+/g, "")),
        );
      }
      return all;
    };
    expect(await answers("nobody@example.com")).toEqual(await answers(email));
  });

  test.each(["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"])(
    "counts one address, whatever %s says [attack:RL-01]",
    async (name) => {
      const warnings: string[] = [];
      const auth = await open({ limits: { signInAddress: "10/15m" }, onWarning: (message) => warnings.push(message) });
      const found = await statuses(40, (turn) =>
        signIn(auth, { who: `user${turn}@example.com`, headers: { [name]: `198.51.100.${turn}` } }),
      );
      expect(countOf(found, 401)).toBe(10);
      expect(warnings).toHaveLength(name === "x-forwarded-for" ? 1 : 0);
      expect(warnings.every((message) => message.includes("trustProxy"))).toBe(true);
    },
  );

  test("counts the right-most address that no trusted proxy has [attack:RL-01]", async () => {
    const auth = await open({ limits: { signInAddress: "10/15m" }, trustProxy: ["10.0.0.0/8"] });
    const through = (chain: string) => (turn: number) =>
      signIn(auth, {
        who: `${turn}${chain.length}@example.com`,
        headers: { "x-forwarded-for": chain.replace("N", String(turn)) },
        address: "10.0.0.1",
      });
    expect(countOf(await statuses(40, through("198.51.100.N, 203.0.113.9, 10.0.0.2")), 401)).toBe(10);
    expect(countOf(await statuses(40, through("192.0.2.N, 10.0.0.2")), 401)).toBe(40);
  });

  test("counts a /64 of IPv6 as one address [attack:RL-03]", async () => {
    const auth = await open({ limits: { signInAddress: "10/15m" } });
    const found = await statuses(40, (turn) => signIn(auth, { who: `user${turn}@example.com`, address: `2001:db8::${turn.toString(16)}` }));
    expect(countOf(found, 401)).toBe(10);
  });

  test("lets two hundred parallel guesses reach the hash five times [attack:RL-06] [asvs:V2.3.4]", async () => {
    const auth = await open();
    await auth.users.create({ email, password });
    const found = await statuses(200, (turn) => signIn(auth, { address: `198.51.100.${turn}` }));
    expect([countOf(found, 401), countOf(found, 429)]).toEqual([5, 195]);
  });

  test("does not count what an outage left unjudged: nobody is refused when the users can be asked again", async () => {
    let down = true;
    const findByEmail = (): undefined => {
      if (down) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "The users cannot be asked.");
    };
    const auth = await open({ users: { findById: () => undefined, findByEmail } });
    for (let turn = 0; turn < 10; turn += 1) await expect(signIn(auth)).rejects.toThrow(Fault);
    down = false;
    expect((await signIn(auth)).status).toBe(401);
  });

  test("works for the owner on a device that was there before, while strangers use up the account [attack:RL-04]", async () => {
    const auth = await open();
    await auth.users.create({ email, password });
    const owner = browser(auth);
    expect((await owner.ask("POST", "/login", { body: { email, password } })).status).toBe(200);
    await statuses(50, (turn) => signIn(auth, { address: `198.51.100.${turn}` }));
    expect((await signIn(auth, { guess: password, address: "192.0.2.1" })).status).toBe(429);
    expect((await owner.ask("POST", "/login", { body: { email, password } })).status).toBe(200);
  });
});

describe("limits of a role", () => {
  test("hold for a caller with however many credentials, and the most generous of several does", async () => {
    const auth = await open({ limits: { roles: { trial: "3/1m", partner: "5/1m" } } });
    const use = async (roles: string[], keys: number) => {
      const codes: string[] = [];
      const made = [];
      for (let turn = 0; turn < keys; turn += 1) made.push((await auth.apiKeys.issue({ name: "ci", roles })).key);
      for (let turn = 0; turn < 8; turn += 1)
        codes.push(await browser(auth).codeFor(auth.rule(), "GET", { headers: { "x-api-key": made[turn % keys]! } }));
      return codes.filter((code) => code === "allowed").length;
    };
    expect(await use(["trial"], 1)).toBe(3);
    expect(await use(["trial", "partner"], 1)).toBe(5);
    expect(await use(["other"], 1)).toBe(8);
  });
});

describeWithRedis("two nodes on one Redis", () => {
  test("let two hundred parallel guesses reach the hash five times between them [attack:RL-06]", async () => {
    const { url, prefix } = emptyRedis();
    const file = join(mkdtempSync(join(tmpdir(), "lk-limits-")), "app.db");
    const nodes: Latchkey[] = [];
    for (let node = 0; node < 2; node += 1) nodes.push(await open({ store: sqlite(file), ephemeral: redis(url, { prefix }) }));
    await nodes[0]!.users.create({ email, password });
    const found = await statuses(200, (turn) => signIn(nodes[turn % 2]!, { address: `198.51.100.${turn}` }));
    expect([countOf(found, 401), countOf(found, 429)]).toEqual([5, 195]);
  });
});

describeWithRedis("when Redis", () => {
  test("is lost, each node holds tighter limits, waits for nobody, and says so once; then it counts with the others again [attack:RL-08]", async () => {
    const engine = await startRedis();
    try {
      const faults: unknown[] = [];
      const auth = await open({
        ephemeral: redis(engine.url, { timeoutMs: 2_000 }),
        onFault: (error) => faults.push(error),
      });
      await auth.users.create({ email, password });
      expect((await signIn(auth)).status).toBe(401);
      await engine.stop("SIGKILL");
      const found: number[] = [];
      for (let turn = 0; turn < 20; turn += 1) found.push((await signIn(auth, { address: `198.51.100.${turn}` })).status);
      expect([countOf(found, 401), countOf(found, 429)]).toEqual([2, 18]);
      expect(faults.filter((fault) => fault instanceof Fault)).toHaveLength(1);
      await engine.start();
      const other = await open({ ephemeral: redis(engine.url) });
      let round = 0;
      const sharedAgain = async (): Promise<number> => {
        time.now += 1_000;
        const who = `user${(round += 1)}@example.com`;
        for (let turn = 0; turn < 5; turn += 1) await signIn(auth, { who, address: `198.51.100.${turn}` });
        return (await signIn(other, { who, address: "198.51.100.9" })).status;
      };
      await expect.poll(sharedAgain, { timeout: 20_000 }).toBe(429);
      expect(faults.filter((fault) => fault instanceof Fault)).toHaveLength(1);
    } finally {
      await engine.remove();
    }
  }, 60_000);

  test.each([
    ["does not answer", () => new Promise<never>(() => undefined)],
    ["may only be read", () => Promise.reject(new Error("READONLY You can't write against a read only replica."))],
    ["is full", () => Promise.reject(new Error("OOM command not allowed when used memory > 'maxmemory'."))],
  ])("%s, only the first request waits for it, and limits hold [attack:RL-08] [asvs:V16.5.2]", async (_, increment) => {
    let asked = 0;
    const lame = { increment: () => ((asked += 1), increment()), close: () => undefined } as unknown as Ephemeral;
    const auth = await open({ ephemeral: lame });
    await auth.users.create({ email, password });
    const found: number[] = [];
    for (let turn = 0; turn < 30; turn += 1) found.push((await signIn(auth, { address: `198.51.100.${turn}` })).status);
    expect([countOf(found, 401), countOf(found, 429)]).toEqual([2, 28]);
    expect(asked).toBe(1);
  });
});
