import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiKeyState, mintApiKey, type MintedApiKey, type TestLatchkey, testLatchkey } from "latchkey/testing";
import { frameworks, type Listening, names } from "./frameworks.ts";
import { madeUpMethod } from "./made-up-method.ts";
import { rawStatus } from "./raw-request.ts";

/** Who is let in: the same for every framework, through a real server. */
describe.each(names)("%s", (name) => {
  const signed = madeUpMethod({ header: "x-made-up", name: "made-up" });
  let auth: TestLatchkey;
  let app: Listening;
  let reader: MintedApiKey;

  beforeAll(async () => {
    auth = await testLatchkey({ methods: [signed.method], limits: { credential: "off", credentialAddress: "off" } });
    app = await frameworks[name](auth);
    reader = await mintApiKey(auth, { scopes: ["posts:read"] });
  });
  afterAll(async () => {
    await app.close();
    await auth.close();
  });

  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") => fetch(app.url + path, { method, headers });
  const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

  test("lets a good key in by either header, cold and warm, with the principal at hand", async () => {
    const { key, record } = await mintApiKey(auth, { scopes: ["posts:read"] });
    for (const headers of [{ "x-api-key": key }, { authorization: `bearer ${key}` }] as Record<string, string>[]) {
      for (const turn of ["cold", "warm"]) {
        const answer = await ask("/posts", headers);
        expect([turn, answer.status, await answer.json()]).toEqual([turn, 200, { subject: record.id }]);
      }
    }
  });

  test("refuses a request without a credential", async () => {
    expect(await codeOf(await ask("/posts"))).toEqual([401, "request.no-credential"]);
  });

  test.each<readonly [ApiKeyState, number, string]>([
    ["damaged", 401, "api-key.invalid"],
    ["unknown", 401, "api-key.invalid"],
    ["revoked", 401, "api-key.invalid"],
    ["owner-disabled", 401, "api-key.invalid"],
    ["expired", 401, "api-key.expired"],
    ["foreign-address", 403, "address.not-allowed"],
  ])("refuses a key that is %s with %i and %s", async (state, status, code) => {
    const { headers } = await mintApiKey(auth, { state, scopes: ["posts:read"] });
    expect(await codeOf(await ask("/posts", headers))).toEqual([status, code]);
  });

  test("refuses a revoked key from the next request on, warm as it was [attack:AK-06]", async () => {
    const { headers, record } = await mintApiKey(auth, { scopes: ["posts:read"] });
    expect((await ask("/posts", headers)).status).toBe(200);
    await auth.apiKeys.revoke(record.id);
    expect((await ask("/posts", headers)).status).toBe(401);
  });

  test("refuses a key without the scope with 403 [attack:AZ-02]", async () => {
    const { headers } = await mintApiKey(auth, { scopes: ["posts:write"] });
    expect(await codeOf(await ask("/posts", headers))).toEqual([403, "authorization.scope-missing"]);
  });

  test("sees the peer's address, so that a key with an allow-list works from there", async () => {
    const { headers } = await mintApiKey(auth, { scopes: ["posts:read"], allowedAddresses: ["127.0.0.1"] });
    expect((await ask("/posts", headers)).status).toBe(200);
  });

  test("refuses two credentials, and asks neither method [attack:HT-03]", async () => {
    signed.asked.length = 0;
    expect(await codeOf(await ask("/any", { ...reader.headers, "x-made-up": "ada" }))).toEqual([400, "request.several-credentials"]);
    expect(await codeOf(await ask("/any", { ...reader.headers, authorization: "Basic YTpi" }))).toEqual([
      400,
      "request.several-credentials",
    ]);
    expect(signed.asked).toEqual([]);
  });

  test("refuses what only a raw connection can send: repeated lines, lists and odd bytes [attack:AK-02] [attack:HT-03]", async () => {
    const { key } = reader;
    const status = (...lines: string[]) => rawStatus(app.port, "/posts", lines);
    expect(await status(`X-API-Key: ${key}`)).toBe(200);
    expect(await status(`X-API-Key: ${key}`, `X-API-Key: ${key}`)).toBe(400);
    expect(await status(`X-API-Key: ${key}`, "X-API-Key: other")).toBe(400);
    expect(await status(`X-API-Key: ${key}`, `x-api-KEY: ${key}`)).toBe(400);
    expect(await status(...Array.from({ length: 500 }, () => `X-API-Key: k`))).toBe(400);
    expect(await status(`Authorization: Bearer ${key}`, `Authorization: Bearer ${key}`)).toBe(400);
    expect(await status(`Authorization: Bearer ${key}`, "Authorization: Basic YTpi")).toBe(400);
    expect(await status(`Authorization: Basic YTpi, Bearer ${key}`)).toBe(400);
    expect(await status(`Authorization: Bearer ${key}`, `X-API-Key: ${key}`)).toBe(400);
    expect(await status(`Authorization: Bearer ${key}\xff`)).toBe(401);
    expect(await status(`Authorization: Bearer \x80${key}`)).toBe(401);
    expect(await status(`Authorization: Bearer ${key}\0`)).toBe(400);
    expect(await status(`Authorization: Bearer`, ` ${key}`)).toBe(400);
  });

  test("refuses a key in the query, a good one in a header notwithstanding [attack:AK-05]", async () => {
    for (const parameter of ["api_key", "access_token", "API%5FKEY"]) {
      expect(await codeOf(await ask(`/posts?${parameter}=${reader.key}`, reader.headers))).toEqual([401, "request.credential-in-query"]);
    }
    expect(JSON.stringify(auth.refusals)).not.toContain(reader.key);
  });

  test("guards HEAD as it does GET, without a body", async () => {
    const good = await ask("/posts", reader.headers, "HEAD");
    // Fastify and Express answer HEAD by the route of GET; node:http and fetch have one handler for all.
    expect([good.status, await good.text()]).toEqual([200, ""]);
    const refused = await ask("/posts", {}, "HEAD");
    expect([refused.status, await refused.text()]).toEqual([401, ""]);
    expect(refused.headers.get("www-authenticate")).toMatch(/^Bearer realm=/);
  });

  test("guards OPTIONS, and every other method, where the route answers it", async () => {
    for (const method of ["OPTIONS", "POST", "DELETE", "PATCH"]) {
      expect([method, (await ask("/any", {}, method)).status]).toEqual([method, 401]);
      expect([method, (await ask("/any", reader.headers, method)).status]).toEqual([method, 200]);
    }
  });

  test("guards a route in a router below a prefix, and keeps the whole path for the operator", async () => {
    expect((await ask("/tenants/a/posts", reader.headers)).status).toBe(200);
    const refused = await ask("/tenants/a/posts?page=2");
    expect(refused.status).toBe(401);
    expect(await auth.explain(refused.headers.get("x-request-id")!)).toMatchObject({ path: "/tenants/a/posts" });
  });

  test("lets nobody past the second of two guards whom the first alone would let in", async () => {
    const both = await mintApiKey(auth, { scopes: ["posts:read", "posts:write"] });
    expect((await ask("/twice", both.headers)).status).toBe(200);
    expect((await ask("/twice", reader.headers)).status).toBe(403);
    expect((await ask("/twice")).status).toBe(401);
  });

  test("has no principal on a route without a guard", async () => {
    expect(await (await ask("/open", reader.headers)).json()).toEqual({ subject: null });
  });

  test("answers Latchkey's endpoints below a prefix", async () => {
    expect((await ask("/auth/whoami", reader.headers)).status).toBe(200);
    expect((await ask("/auth/whoami")).status).toBe(401);
    expect((await ask("/auth/whoami", reader.headers, "PUT")).status).toBe(405);
    expect((await ask("/auth/nothing", reader.headers)).status).toBe(404);
  });
});
