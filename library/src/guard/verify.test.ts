import { afterEach, describe, expect, test } from "vitest";
import { breakableStore } from "../../test/breakable-store.ts";
import { madeUpMethod, madeUpRefusals, verifiedAs } from "../../test/made-up-method.ts";
import { Fault, type Refusal, type Verified } from "../contracts/index.ts";
import { sqlite } from "../stores/sqlite/index.ts";
import { mintApiKey, type TestLatchkey, testLatchkey, type TestLatchkeyOptions, testRequest } from "../testing/index.ts";

let auth: TestLatchkey;
afterEach(() => auth.close());

const gate = async (options: TestLatchkeyOptions) => (auth = await testLatchkey(options));
const ask = async (headers: Record<string, string>) => {
  const decision = await auth.check(testRequest({ headers }), auth.rule());
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describe("a hundred parallel requests", () => {
  const parallel = () => Promise.all(Array.from({ length: 100 }, () => ask({ "x-made-up": "ada" })));

  /** A verification that ends when the test says so. */
  function costly(end: (text: string, at: number) => Verified | Refusal, reusable = true) {
    let open = (): void => undefined;
    const gateOpened = new Promise<void>((resolve) => (open = resolve));
    const made = madeUpMethod({ reusable, verify: (text, at) => gateOpened.then(() => end(text, at)) });
    return { ...made, open: () => open() };
  }

  test("with one good credential verify it once, and the limit of failed attempts is not in their way", async () => {
    const { method, asked, open } = costly(verifiedAs);
    await gate({ methods: [method] });
    const answers = parallel();
    open();
    expect(new Set(await answers)).toEqual(new Set(["allowed"]));
    expect(asked).toHaveLength(1);
  });

  test("with one bad credential verify it once, and are all refused", async () => {
    const { method, asked, open } = costly(() => madeUpRefusals.bad());
    await gate({ methods: [method], limits: { credential: "off", credentialAddress: "off" } });
    const answers = parallel();
    open();
    expect(new Set(await answers)).toEqual(new Set(["made-up.bad"]));
    expect(asked).toHaveLength(1);
    expect(auth.refusals).toHaveLength(100);
  });

  test("from many addresses verify it once all the same, and each address is limited for itself", async () => {
    const { method, asked, open } = costly(verifiedAs);
    await gate({ methods: [method], limits: { credential: "off", credentialAddress: "1/1m" } });
    const spent = "203.0.113.0";
    await auth.check(testRequest({ headers: { "x-api-key": "junk" }, peerAddress: spent }), auth.rule());
    const answers = Array.from({ length: 10 }, async (_, index) => {
      const view = testRequest({ headers: { "x-made-up": "ada" }, peerAddress: `203.0.113.${index}` });
      return (await auth.check(view, auth.rule())).allowed;
    });
    open();
    expect(await Promise.all(answers)).toEqual([false, ...Array.from({ length: 9 }, () => true)]);
    expect(asked).toHaveLength(1);
  });

  test("are verified one by one where the verdict depends on more than the secret", async () => {
    const { method, asked, open } = costly(verifiedAs, false);
    await gate({ methods: [method], limits: { credential: "off" } });
    const answers = parallel();
    open();
    await answers;
    expect(asked).toHaveLength(100);
  });
});

test("a verification that failed is not remembered: the next request asks again", async () => {
  let broken = true;
  const { method, asked } = madeUpMethod({
    verify: (text, at) => {
      if (broken) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "gone");
      return verifiedAs(text, at);
    },
  });
  await gate({ methods: [method] });
  await expect(ask({ "x-made-up": "ada" })).rejects.toThrow("gone");
  broken = false;
  expect(await ask({ "x-made-up": "ada" })).toBe("allowed");
  expect(asked).toHaveLength(2);
});

describe("a change while a credential is being verified", () => {
  /** Does something to a real key in the middle of verifying it. */
  async function changing(meanwhile: (id: string, turn: number) => Promise<unknown>) {
    let turn = 0;
    const id = { current: "" };
    const { method, asked } = madeUpMethod({
      verify: async (_text, at) => {
        const verified = verifiedAs(id.current, at);
        turn += 1;
        const gone = (await auth.apiKeys.find(id.current))?.revokedAt !== undefined;
        if (gone) return madeUpRefusals.bad();
        await meanwhile(id.current, turn);
        return verified;
      },
    });
    await gate({ methods: [method] });
    id.current = (await auth.apiKeys.issue({ name: "changing" })).record.id;
    return asked;
  }

  test("makes the guard look again, so that a revoked credential is not let in", async () => {
    const asked = await changing((id) => auth.apiKeys.revoke(id));
    expect(await ask({ "x-made-up": "ada" })).toBe("made-up.bad");
    expect(asked).toHaveLength(2);
  });

  test("of something else changes nothing", async () => {
    const asked = await changing(async () => auth.apiKeys.revoke((await auth.apiKeys.issue({ name: "other" })).record.id));
    expect(await ask({ "x-made-up": "ada" })).toBe("allowed");
    expect(asked).toHaveLength(1);
  });

  test("again and again ends after three tries in LATCHKEY_STORE_BUSY, and lets nobody in", async () => {
    const asked = await changing((id) => auth.apiKeys.rotate(id));
    await expect(ask({ "x-made-up": "ada" })).rejects.toMatchObject({ code: "LATCHKEY_STORE_BUSY" });
    expect(asked).toHaveLength(3);
  });

  test("reaches every request that waited for the same verification", async () => {
    await changing((id) => auth.apiKeys.revoke(id));
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask({ "x-made-up": "ada" })));
    expect(new Set(answers)).toEqual(new Set(["made-up.bad"]));
  });
});

describe("the feed of changes", () => {
  test("silent for longer than the limit: nothing remembered is served, the store is asked each time", async () => {
    const { store, wire } = breakableStore({ matching: /latchkey_change/, toldOnly: true });
    const { method, asked } = madeUpMethod();
    await gate({ store, methods: [method], cache: { silenceSeconds: 5 } });
    const headers = { "x-made-up": "ada" };
    await ask(headers);
    await ask(headers);
    expect(asked).toHaveLength(1);
    wire.cut = true;
    auth.clock.advance("5s");
    await ask(headers);
    expect(asked).toHaveLength(1);
    auth.clock.advance(1);
    await ask(headers);
    await ask(headers);
    expect(asked).toHaveLength(3);
  });

  test("of another process on the file is heard by the next request [attack:AK-06]", async () => {
    const { mkdtempSync, rmSync } = await import("node:fs");
    const folder = mkdtempSync("/tmp/latchkey-guard-");
    await gate({ store: sqlite(`${folder}/a.db`) });
    const other = await testLatchkey({ store: sqlite(`${folder}/a.db`), clock: auth.clock });
    const { headers, record } = await mintApiKey(auth);
    expect(await ask(headers)).toBe("allowed");
    await other.apiKeys.revoke(record.id);
    auth.clock.advance(1);
    expect(await ask(headers)).toBe("api-key.revoked");
    await other.close();
    rmSync(folder, { recursive: true });
  });
});

test("a credential that is not remembered is decided at once where the store and the counters answer at once", async () => {
  await gate({});
  const { headers } = await mintApiKey(auth);
  const view = () => testRequest({ headers });
  expect(auth.check(view(), auth.rule())).toMatchObject({ allowed: true });
});

test("a fault is told by rejecting, also where nothing had to be waited for", async () => {
  const broken = madeUpMethod({
    verify: () => {
      throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "It is away.");
    },
  });
  await gate({ methods: [broken.method] });
  const decision = auth.check(testRequest({ headers: { "x-made-up": "ada" } }), auth.rule());
  expect(decision).toBeInstanceOf(Promise);
  await expect(decision).rejects.toThrow("It is away.");
});
