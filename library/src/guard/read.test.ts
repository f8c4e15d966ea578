import { array, assert, asyncProperty, constantFrom, dictionary, integer, oneof, string } from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { madeUpMethod } from "../../test/made-up-method.ts";
import { mintApiKey, type TestLatchkey, testLatchkey, testRequest, type TestRequestOptions } from "../testing/index.ts";

const cookie = madeUpMethod({ name: "cookie", header: "cookie", ambient: true, scheme: "Cookie" });
const signed = madeUpMethod({ name: "signed", header: "x-signed", scheme: "Signed" });

let auth: TestLatchkey;
let key: string;

beforeAll(async () => {
  auth = await testLatchkey({
    methods: [cookie.method, signed.method],
    limits: { credential: "off", credentialAddress: "off" },
  });
  ({ key } = await mintApiKey(auth));
});
afterAll(() => auth.close());
beforeEach(() => {
  cookie.asked.length = 0;
  signed.asked.length = 0;
});

const decide = (headers: Record<string, string | readonly string[]>, rule = auth.rule(), request: TestRequestOptions = {}) =>
  Promise.resolve(auth.check(testRequest({ ...request, headers }), rule));
const told = async (...request: Parameters<typeof decide>) => {
  const decision = await decide(...request);
  return decision.allowed ? decision.principal.method : decision.refusal.code;
};

describe("of several credentials", () => {
  test("an explicit one wins over the cookie, which is not even verified", async () => {
    expect(await told({ cookie: "ada", "x-api-key": key })).toBe("api-key");
    expect(await told({ cookie: "a,b", "x-api-key": key })).toBe("api-key");
    expect(cookie.asked).toEqual([]);
  });

  test("a bad explicit one is refused, and the good cookie does not help it", async () => {
    expect(await told({ cookie: "ada", "x-signed": "bad" })).toBe("made-up.bad");
    expect(cookie.asked).toEqual([]);
  });

  test("the cookie counts where it is alone, malformed or not", async () => {
    expect(await decide({ cookie: "ada" })).toMatchObject({ principal: { credentialId: "ada" } });
    expect(await told({ cookie: "a,b" })).toBe("made-up.malformed");
  });

  test.each([
    ["two methods", { "x-api-key": "KEY", "x-signed": "ada" }],
    ["two methods, one by Authorization", { authorization: "Bearer KEY", "x-signed": "ada" }],
    ["a header beside an Authorization that nobody reads", { "x-signed": "ada", authorization: "Negotiate abc" }],
    ["a key beside an Authorization that nobody reads", { "x-api-key": "KEY", authorization: "Basic YTpi" }],
    ["two Authorization lines", { authorization: ["Bearer KEY", "Bearer KEY"] }],
    ["two schemes in one line", { authorization: "Basic YTpi, Bearer KEY" }],
  ])("%s are refused, and none is tried [attack:HT-03]", async (_, headers) => {
    const filled = JSON.parse(JSON.stringify(headers).replaceAll("KEY", key)) as Record<string, string>;
    expect(await told(filled)).toMatch(/^request\.several-credentials$|^api-key\.malformed$/);
    expect(signed.asked).toEqual([]);
  });

  test("the second cannot hide behind a route that does not accept it", async () => {
    const keysOnly = auth.rule({ methods: ["api-key"] });
    expect(await told({ "x-api-key": key, "x-signed": "ada" }, keysOnly)).toBe("request.several-credentials");
    expect(await told({ "x-api-key": key, cookie: "ada" }, keysOnly)).toBe("api-key");
  });
});

describe("a credential of a method that the route does not accept", () => {
  test("is refused with the ones that it does accept: request.method-not-accepted", async () => {
    const decision = await decide({ "x-signed": "ada" }, auth.rule({ methods: ["api-key", "cookie"] }));
    expect(decision).toMatchObject({
      refusal: { code: "request.method-not-accepted", status: 401, hint: "Accepted here: api-key, cookie." },
    });
    expect(decision.allowed || decision.challenges.map(({ scheme }) => scheme)).toEqual(["Bearer", "Cookie"]);
    expect(signed.asked).toEqual([]);
  });

  test("counts as none where the browser has sent it by itself", async () => {
    const decision = await decide({ cookie: "ada" }, auth.rule({ methods: ["api-key"] }));
    expect(decision).toMatchObject({
      refusal: { code: "request.no-credential", detail: "the cookie cookie is not accepted here, only api-key" },
    });
    expect(decision.allowed || decision.challenges.map(({ scheme }) => scheme)).toEqual(["Bearer"]);
    expect(cookie.asked).toEqual([]);
  });
});

describe("a credential in the query", () => {
  test.each(["api_key", "access_token", "API_KEY", "api%5Fkey", "%61pi_key", "api_key%20", "+api_key", "signed-token", "a=1&b&api_key"])(
    "is refused as %s, a good one in a header notwithstanding [attack:AK-05]",
    async (name) => {
      const target = `/posts?${name}=${key}`;
      expect(await told({ "x-api-key": key }, auth.rule(), { target })).toBe("request.credential-in-query");
      expect(JSON.stringify(auth.refusals.at(-1))).not.toContain(key);
      expect(auth.refusals.at(-1)?.path).toBe("/posts");
    },
  );

  test.each(["/api_key=x", "/posts?q=api_key", "/posts?my_api_key=x", "/posts?api_keys=x", "/posts?%E0%A4%A=1"])(
    "is not seen in %s, where there is none",
    async (target) => expect(await told({ "x-api-key": key }, auth.rule(), { target })).toBe("api-key"),
  );
});

test("any bytes in any header, path or query are answered by a decision, never by an exception or a fault", async () => {
  const bytes = string({ unit: integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 80 });
  const value = oneof(
    bytes,
    bytes.map((text) => `Bearer ${text}`),
    bytes.map((text) => `Basic ${text}`),
    bytes.map((text) => `lk_live_${text}`),
  );
  const lines = oneof(value, array(value, { minLength: 2, maxLength: 4 }));
  const headers = dictionary(constantFrom("authorization", "x-api-key", "cookie", "x-signed", "user-agent", "x-forwarded-for"), lines);
  await assert(
    asyncProperty(headers, bytes, async (made, target) => {
      const decision = await decide(made, auth.rule(), { target: `/${target}` });
      expect(decision.allowed || [400, 401, 403]).toSatisfy((statuses: true | number[]) =>
        statuses === true ? true : statuses.includes(decision.allowed ? 0 : decision.refusal.status),
      );
    }),
    { numRuns: 500 },
  );
  expect(auth.faults).toEqual([]);
});
