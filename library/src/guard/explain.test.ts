import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { madeUpMethod, verifiedAs } from "../../test/made-up-method.ts";
import { addressMatcher } from "../policies/address/index.ts";
import { type ApiKeyState, mintApiKey, type TestLatchkey, testLatchkey, testRequest } from "../testing/index.ts";

let auth: TestLatchkey;
const limited = { count: 1, windowMs: 60_000 };
const { method, asked } = madeUpMethod({
  verify: (text, at) =>
    verifiedAs(text, at, {
      allowedAddresses: text.includes("far") ? addressMatcher(["192.0.2.1"], "x") : undefined,
      rateLimit: text.includes("spent") ? limited : undefined,
    }),
});

beforeAll(async () => void (auth = await testLatchkey({ methods: [method] })));
afterAll(() => auth.close());
afterEach(() => void (asked.length = 0));

/** Asks, and explains the answer as the operator would: by the request's id. */
async function explained(headers: Record<string, string>, rule = auth.rule(), target = "/posts?page=2") {
  const view = testRequest({ headers: { "user-agent": "test/1", ...headers }, target, peerAddress: "203.0.113.7" });
  await auth.check(view, rule);
  return auth.explain(view.requestId);
}

/** The checks of this road, without those that a policy of another room adds between. */
const ofGuard = (event: { readonly checks: readonly string[] } | undefined) =>
  event?.checks.filter((check) => ["read", "attempts", "verify", "address", "rate-limit", "authorization"].includes(check));

describe("the checks run in the order of their cost and of what they tell, and the first refusal decides", () => {
  const far = { scopes: ["posts:read"] };
  test.each([
    ["nothing was read", {}, {}, "request.no-credential", ["read"]],
    [
      "the address list comes before the limit and the rule",
      { "x-made-up": "far spent" },
      far,
      "address.not-allowed",
      ["verify", "address"],
    ],
    [
      "the rule comes last",
      { "x-made-up": "ada" },
      far,
      "authorization.scope-missing",
      ["verify", "address", "rate-limit", "authorization"],
    ],
  ] as const)("%s", async (_, headers, options, outcome, checks) => {
    for (const warm of [false, true]) {
      const event = await explained(headers, auth.rule(options));
      expect(event).toMatchObject({ outcome, fromCache: warm && outcome !== "request.no-credential" });
      expect(ofGuard(event)).toEqual(checks);
    }
  });

  test("the limit comes before the rule, so that what is refused is counted too", async () => {
    const rule = auth.rule({ scopes: ["posts:read"] });
    const first = await explained({ "x-made-up": "spent" }, rule);
    const second = await explained({ "x-made-up": "spent" }, rule);
    expect([first?.outcome, second?.outcome]).toEqual(["authorization.scope-missing", "rate-limit.exceeded"]);
    expect(second).toMatchObject({ fromCache: true, detail: "credential: 2 of 1" });
    expect(ofGuard(second)).toEqual(["verify", "address", "rate-limit"]);
  });

  test("attempts are counted before the method is asked", async () => {
    const strict = await testLatchkey({ methods: [method], limits: { credentialAddress: "1/1m" } });
    const view = (text: string) => testRequest({ headers: { "x-made-up": text } });
    await strict.check(testRequest({ headers: { "x-api-key": "junk" } }), strict.rule());
    const refused = view("ada");
    await strict.check(refused, strict.rule());
    expect(await strict.explain(refused.requestId)).toMatchObject({
      outcome: "rate-limit.attempts",
      checks: ["attempts"],
      detail: "address: 2 of 1",
    });
    expect(asked).toEqual([]);
    await strict.close();
  });

  test("what is let in has gone through all of them, those of other rooms included", async () => {
    const allowed = await explained({ "x-made-up": "ada" });
    const refused = await explained({ "x-made-up": "ada" }, auth.rule({ roles: ["admin"] }));
    expect(allowed?.outcome).toBe("allowed");
    expect(allowed?.checks).toEqual(refused?.checks);
  });
});

describe("an explanation", () => {
  test.each<readonly [ApiKeyState, string[]]>([
    ["revoked", ["attempts", "verify"]],
    ["expired", ["attempts", "verify"]],
    ["damaged", ["attempts", "verify"]],
    ["foreign-address", ["verify", "address"]],
  ])("of a key that is %s says what was seen, which check failed and why, and shows no secret", async (state, checks) => {
    const { headers, key, record, outcome } = await mintApiKey(auth, { state });
    const event = await explained(headers);
    expect(event).toMatchObject({
      outcome,
      checks,
      httpMethod: "GET",
      path: "/posts",
      address: "203.0.113.7",
      userAgent: "test/1",
      at: auth.clock.now(),
      detail: expect.stringMatching(state === "damaged" ? "wrong checksum" : state === "foreign-address" ? "192.0.2.1" : record.id),
    });
    expect(event?.seen).toEqual([state === "damaged" ? "api-key (not a key)" : `api-key lk_live_…${key.slice(-4)}`]);
    expect(JSON.stringify(event)).not.toContain(key.slice(8, 30));
  });

  test("names every credential that was seen where there were several", async () => {
    const { headers } = await mintApiKey(auth);
    const event = await explained({ ...headers, "x-made-up": "ada" });
    expect(event).toMatchObject({ outcome: "request.several-credentials", detail: "api-key and made-up were both sent" });
    expect(event?.seen).toEqual([expect.stringMatching(/^api-key lk_live_…/), "made-up ad…"]);
  });

  test("survives being written: the same from the store as from memory", async () => {
    const { headers } = await mintApiKey(auth, { state: "revoked" });
    const view = testRequest({ headers, target: "/posts" });
    await auth.check(view, auth.rule());
    const before = await auth.explain(view.requestId);
    await auth.flush();
    const after = await auth.explain(view.requestId);
    expect(after).toMatchObject({ outcome: before?.outcome, detail: before?.detail, checks: before?.checks, seen: before?.seen });
  });
});
