import { afterEach, describe, expect, test } from "vitest";
import { madeUpMethod, verifiedAs } from "../../test/made-up-method.ts";
import { mintApiKey, mintUser, type TestLatchkey, testLatchkey, testRequest } from "../testing/index.ts";

let auth: TestLatchkey;
afterEach(() => auth.close());

const ask = (headers: Record<string, string>) => Promise.resolve(auth.check(testRequest({ headers }), auth.rule()));

describe("the memory of verified credentials", () => {
  test("holds as many as it is told, and forgets the least recently used", async () => {
    const { method, asked } = madeUpMethod();
    auth = await testLatchkey({ methods: [method], cache: { entries: 2 } });
    for (const name of ["ada", "bob", "ada", "cy", "ada", "bob"]) await ask({ "x-made-up": name });
    expect(asked).toEqual(["ada", "bob", "cy", "bob"]);
  });

  test("tells whether the caller was verified for an earlier request, with a limit and without", async () => {
    auth = await testLatchkey({ methods: [madeUpMethod().method] });
    for (const rule of [auth.rule(), auth.rule({ rateLimit: "10/1m" })]) {
      const check = async () => auth.check(testRequest({ headers: { "x-made-up": rule.id } }), rule);
      expect([await check(), await check()]).toMatchObject([{ remembered: false }, { remembered: true }]);
    }
  });

  test("ends at the instant the method said", async () => {
    const { method, asked } = madeUpMethod();
    auth = await testLatchkey({ methods: [method] });
    await ask({ "x-made-up": "ada" });
    auth.clock.advance(59_999);
    await ask({ "x-made-up": "ada" });
    expect(asked).toHaveLength(1);
    auth.clock.advance(1);
    await ask({ "x-made-up": "ada" });
    expect(asked).toHaveLength(2);
  });

  test("keeps nothing that the method says must not be kept", async () => {
    const { method, asked } = madeUpMethod({ verify: (text, at) => verifiedAs(text, at, { cacheUntil: 0 }) });
    auth = await testLatchkey({ methods: [method] });
    await ask({ "x-made-up": "ada" });
    await ask({ "x-made-up": "ada" });
    expect(asked).toHaveLength(2);
  });

  test("does not give up what is kept for what must not be", async () => {
    const { method, asked } = madeUpMethod({
      verify: (text, at) => verifiedAs(text, at, text === "once" ? { cacheUntil: 0 } : {}),
    });
    auth = await testLatchkey({ methods: [method], cache: { entries: 1 } });
    for (const name of ["ada", "once", "ada"]) await ask({ "x-made-up": name });
    expect(asked).toEqual(["ada", "once"]);
  });

  test("keeps no refusal", async () => {
    const { method, asked } = madeUpMethod();
    auth = await testLatchkey({ methods: [method] });
    await ask({ "x-made-up": "bad" });
    await ask({ "x-made-up": "bad" });
    expect(asked).toHaveLength(2);
  });

  test("does not answer for another method that is sent the same text", async () => {
    const first = madeUpMethod({ name: "first", header: "x-first" });
    const second = madeUpMethod({ name: "second", header: "x-second" });
    auth = await testLatchkey({ methods: [first.method, second.method] });
    await ask({ "x-first": "same" });
    await ask({ "x-second": "same" });
    expect([first.asked, second.asked]).toEqual([["same"], ["same"]]);
  });

  test.each(["sessionId", "grantId"] as const)("is given up when what its %s names has changed", async (name) => {
    const named = { id: "" };
    const { method, asked } = madeUpMethod({ verify: (text, at) => verifiedAs(text, at, { [name]: named.id }) });
    auth = await testLatchkey({ methods: [method] });
    named.id = (await mintApiKey(auth)).record.id;
    for (let turn = 0; turn < 2; turn += 1) await ask({ "x-made-up": "ada" });
    expect(asked).toHaveLength(1);
    await auth.apiKeys.revoke(named.id);
    await ask({ "x-made-up": "ada" });
    expect(asked).toHaveLength(2);
  });
});

test("whoever is disabled is refused on a warm request too, by the subject", async () => {
  auth = await testLatchkey();
  const user = await mintUser(auth);
  const { headers } = await mintApiKey(auth, { owner: user.id });
  expect(await ask(headers)).toMatchObject({ allowed: true });
  await auth.users.disable(user.id);
  expect(await ask(headers)).toMatchObject({ allowed: false, refusal: { code: "api-key.owner-disabled" } });
});
