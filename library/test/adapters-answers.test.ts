import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mintApiKey, type TestLatchkey, testLatchkey } from "latchkey/testing";
import { frameworks, type Listening, names } from "./frameworks.ts";

/** What a client is answered: the same for every framework, through a real server. */
describe.each(names)("%s", (name) => {
  let auth: TestLatchkey;
  let app: Listening;

  beforeAll(async () => {
    auth = await testLatchkey();
    app = await frameworks[name](auth);
  });
  afterAll(async () => {
    await app.close();
    await auth.close();
  });

  const ask = (path: string, headers: Record<string, string> = {}) => fetch(app.url + path, { headers });

  test("refuses with a problem document, its code and request id in it, and lets nobody keep it [attack:HT-12]", async () => {
    const answer = await ask("/posts");
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).toEqual({
      type: "urn:latchkey:request.no-credential",
      title: "This needs a credential.",
      status: 401,
      code: "request.no-credential",
      requestId: answer.headers.get("x-request-id"),
    });
  });

  test("says nothing of the framework, the version or the stack beyond what the framework says itself", async () => {
    const text = await (await ask("/posts", { authorization: "Bearer lk_live_x" })).text();
    expect(text).not.toMatch(/at .*\.ts|node_modules|express|fastify|hono/i);
  });

  test("challenges without a credential by scheme and realm, with a bad one by invalid_token", async () => {
    /** The challenge of this scheme; other methods have their own beside it. */
    const bearer = async (headers: Record<string, string> = {}) => {
      const field = (await ask("/posts", headers)).headers.get("www-authenticate") ?? "";
      return field.split(/, (?=[A-Z]\w* )/).find((challenge) => challenge.startsWith("Bearer "));
    };
    expect(await bearer()).toBe('Bearer realm="api"');
    const { key } = await mintApiKey(auth, { state: "unknown" });
    expect(await bearer({ authorization: `Bearer ${key}` })).toBe(
      'Bearer realm="api", error="invalid_token", error_description="The API key is not valid."',
    );
    // RFC 6750 s.3.1 tells of errors to whom has sent a bearer token only.
    expect(await bearer({ "x-api-key": key })).toBe('Bearer realm="api"');
  });

  test("tells which scope is missing, with 403 and insufficient_scope [attack:AZ-02]", async () => {
    const { headers } = await mintApiKey(auth, { by: "bearer" });
    const answer = await ask("/posts", headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer error="insufficient_scope", .*scope="posts:read"$/);
  });

  test("gives every answer a request id of its own, by which the operator finds the decision", async () => {
    const { headers, record } = await mintApiKey(auth, { scopes: ["posts:read"] });
    const answers = [await ask("/posts", headers), await ask("/posts", headers), await ask("/posts")];
    const ids = answers.map((answer) => answer.headers.get("x-request-id")!);
    expect(new Set(ids).size).toBe(3);
    expect(await auth.explain(ids[1]!)).toMatchObject({ outcome: "allowed", path: "/posts", principal: { credentialId: record.id } });
    expect(await auth.explain(ids[2]!)).toMatchObject({ outcome: "request.no-credential", address: "127.0.0.1" });
  });

  test("does not take a request id from the client", async () => {
    const answer = await ask("/posts", { "x-request-id": "mine" });
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
  });

  test("tells the state of a limit on every answer, and Retry-After once it is spent", async () => {
    const { headers } = await mintApiKey(auth, { scopes: ["posts:read"], rateLimit: "2/1h" });
    const fields = async () => {
      const answer = await ask("/posts", headers);
      return [answer.status, ...["ratelimit-policy", "ratelimit", "retry-after"].map((field) => answer.headers.get(field))];
    };
    expect(await fields()).toEqual([200, '"credential";q=2;w=3600', '"credential";r=1;t=3600', null]);
    expect(await fields()).toEqual([200, '"credential";q=2;w=3600', '"credential";r=0;t=3600', null]);
    expect(await fields()).toEqual([429, '"credential";q=2;w=3600', '"credential";r=0;t=3600', "3600"]);
  });

  test("has no RateLimit fields where no limit applies", async () => {
    const { headers } = await mintApiKey(auth, { scopes: ["posts:read"] });
    expect((await ask("/posts", headers)).headers.has("ratelimit")).toBe(false);
  });

  test("answers a HEAD for an endpoint of Latchkey as GET, without the body", async () => {
    const { headers } = await mintApiKey(auth);
    const answer = await fetch(`${app.url}/auth/whoami`, { method: "HEAD", headers });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });
});
