import { generateKeyPairSync } from "node:crypto";
import { assert, asyncProperty, constantFrom, dictionary, string } from "fast-check";
import { exportJWK, SignJWT } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import type { Answer } from "latchkey";
import { testLatchkey, type TestLatchkey, testRequest, type TestRequestOptions } from "latchkey/testing";
import { webhook } from "latchkey/webhook";

const issuer = "https://auth.example.com";
const proxy = "10.0.0.1";
const opened: TestLatchkey[] = [];
afterEach(async () => {
  for (const auth of opened.splice(0)) await auth.close();
});
const gate = async (options: Parameters<typeof testLatchkey>[0] = {}) => {
  const auth = await testLatchkey({ issuer, trustProxy: [proxy], ...options });
  opened.push(auth);
  return auth;
};
const keyOf = (auth: TestLatchkey, options: object = {}) => auth.apiKeys.issue({ name: "ci", scopes: ["orders:read"], ...options });

async function ask(auth: TestLatchkey, target: string, options: Omit<TestRequestOptions, "target"> = {}) {
  const answer = (await auth.handle(testRequest({ target, peerAddress: proxy, ...options }))) as Answer;
  const text = String(answer.body ?? "");
  const code = text === "" ? undefined : (JSON.parse(text) as { code: string }).code;
  return { status: answer.status, code, requestId: answer.requestId, headers: answer.headers as Record<string, string> };
}
const claimsOf = (headers: Record<string, string>) =>
  JSON.parse(Buffer.from(headers["authorization"]!.split(".")[1]!, "base64url").toString()) as Record<string, unknown>;

describe("the answer", () => {
  test("says who it is, to a proxy that nobody configured too", async () => {
    const auth = await gate({ trustProxy: [] });
    const { key, record } = await keyOf(auth);
    for (const method of ["GET", "POST", "DELETE", "PROPFIND"] as const) {
      const { status, requestId, headers } = await ask(auth, "/forward-auth", { method, headers: { "x-api-key": key } });
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        "x-auth-subject": record.id,
        "x-auth-method": "api-key",
        "x-auth-scopes": "orders:read",
        "x-auth-roles": "",
      });
      expect(requestId).toMatch(/^req_/);
    }
  });

  test("is synchronous for a warm key, with the same internal token until a quarter of its life is left", async () => {
    const auth = await gate();
    const { key } = await keyOf(auth);
    const view = () => testRequest({ target: "/forward-auth?scope=orders:read", peerAddress: proxy, headers: { "x-api-key": key } });
    const first = (await auth.handle(view()))!.headers["authorization"];
    const again = auth.handle(view());
    expect(again).not.toBeInstanceOf(Promise);
    expect((again as Answer).headers["authorization"]).toBe(first);
    auth.clock.advance("89s");
    expect((await auth.handle(view()))!.headers["authorization"]).toBe(first);
    auth.clock.advance("1s");
    const next = (await auth.handle(view()))!.headers["authorization"];
    expect(next).not.toBe(first);
    expect(claimsOf({ authorization: next as string })["exp"]).toBe(Math.floor(auth.clock.now() / 1000) + 120);
  });

  test("holds a token for the audience that was configured, which ends with the key", async () => {
    const auth = await gate({ forwardAuth: { audience: "https://orders.internal", expiresIn: "1m" } });
    const { key, record } = await keyOf(auth);
    const { headers } = await ask(auth, "/forward-auth", { headers: { "x-api-key": key } });
    expect(claimsOf(headers)).toMatchObject({ aud: "https://orders.internal", sub: record.id, scope: "orders:read", sub_kind: "service" });
    const token = headers["authorization"]!.replace("Bearer ", "");
    expect(await auth.tokens.introspect(token)).toMatchObject({ active: true });
    await auth.apiKeys.revoke(record.id);
    expect(await auth.tokens.introspect(token)).toEqual({ active: false });
    expect((await ask(auth, "/forward-auth", { headers: { "x-api-key": key } })).status).toBe(401);
  });

  test("says of a person with a session that it is here itself, with its roles", async () => {
    const auth = await gate();
    const user = await auth.users.create({ email: "ada@example.com" });
    await auth.roles.grant(user.id, "editor");
    const cookie = (await auth.sessions.create({ user: user.id })).cookie.split(";")[0]!;
    const { headers } = await ask(auth, "/forward-auth?role=editor&scope=orders:read", { headers: { cookie } });
    expect(headers).toMatchObject({ "x-auth-subject": user.id, "x-auth-roles": "editor", "x-auth-scopes": "" });
    expect(claimsOf(headers)).not.toHaveProperty("scope");
    expect(claimsOf(headers)).toMatchObject({ roles: ["editor"] });
  });

  test("writes a subject of any characters into a header, so that no two come out alike and none makes a header of its own", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", kid: "1" }] };
    const auth = await gate({
      jwt: { issuers: [{ issuer: "https://other.example", audience: issuer, jwks, subject: ({ who }) => who as string }] },
    });
    const subjectOf = async (sub: string) => {
      const seconds = Math.floor(auth.clock.now() / 1000);
      const signing = new SignJWT({ who: sub })
        .setProtectedHeader({ alg: "ES256", kid: "1", typ: "at+jwt" })
        .setIssuer("https://other.example");
      const token = await signing
        .setAudience(issuer)
        .setSubject("x")
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + 60)
        .sign(privateKey);
      const { status, headers } = await ask(auth, "/forward-auth", { headers: { authorization: `Bearer ${token}` } });
      expect(status).toBe(200);
      // There is nobody here for whom a token could be made; the client's own is not passed on.
      expect(headers["authorization"]).toBe("");
      return headers["x-auth-subject"]!;
    };
    expect(await subjectOf("zoë")).toBe("zo%C3%AB");
    expect(await subjectOf("zo%C3%AB")).toBe("zo%25C3%25AB");
    expect(await subjectOf("bob\r\nX-Auth-Roles: admin")).toBe("bob%0D%0AX-Auth-Roles:%20admin");
    expect(await subjectOf("bob ")).toBe("bob%20");
  });

  test("is 503 when the store is gone, never 200 or 401", async () => {
    const auth = await gate();
    const { key } = await keyOf(auth);
    await auth.store.close();
    const answer = await auth.fetch(new Request(`${issuer}/forward-auth`, { headers: { "x-api-key": key } }));
    expect([answer.status, answer.headers.get("x-auth-subject"), answer.headers.get("authorization")]).toEqual([503, null, null]);
  });
});

describe("the rule", () => {
  test("asks for every scope, one of the roles, one of the methods", async () => {
    const auth = await gate();
    const headers = { "x-api-key": (await keyOf(auth, { scopes: ["a", "b"] })).key };
    expect((await ask(auth, "/forward-auth?scope=a&scope=b", { headers })).status).toBe(200);
    expect((await ask(auth, "/forward-auth?scope=a+b", { headers })).status).toBe(200);
    expect(await ask(auth, "/forward-auth?scope=a&scope=c", { headers })).toMatchObject({
      status: 403,
      code: "authorization.scope-missing",
    });
    expect(await ask(auth, "/forward-auth?role=admin", { headers })).toMatchObject({ status: 403, code: "authorization.role-missing" });
    expect((await ask(auth, "/forward-auth?method=api-key&method=session", { headers })).status).toBe(200);
    expect(await ask(auth, "/forward-auth?method=session", { headers })).toMatchObject({
      status: 401,
      code: "request.method-not-accepted",
    });
  });

  test("refuses whatever it does not understand, instead of asking for less", async () => {
    const auth = await gate({ methods: [webhook({ scheme: "github", secrets: ["a secret of the tests"] })] });
    const headers = { "x-api-key": (await keyOf(auth)).key };
    const bad = [
      "scopes=a",
      "scope=",
      "scope=%22",
      "role=a%20%20b",
      "method=nothing",
      "method=webhook",
      "proxy=apache",
      "redirect=//evil.example",
    ];
    for (const query of [
      ...bad,
      "redirect=https://evil.example/",
      "redirect=&redirect=",
      `scope=${"a".repeat(2_000)}`,
      "scope=a&x",
      "=",
      "%",
    ]) {
      const answer = await ask(auth, `/forward-auth?${query}`, { headers });
      expect([query, answer.status, answer.code]).toEqual([query, 400, "forward-auth.rule-invalid"]);
    }
  });

  test("takes no signature over a body that stayed with the proxy", async () => {
    const auth = await gate({ methods: [webhook({ scheme: "github", secrets: ["a secret of the tests"] })] });
    const headers = { "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
    expect(await ask(auth, "/forward-auth", { headers })).toMatchObject({ status: 401, code: "request.method-not-accepted" });
  });

  test("answers any query, target and header with a status that is none of a broken server", async () => {
    const auth = await gate();
    const text = string({ unit: "binary", maxLength: 60 });
    const names = constantFrom(
      "x-forwarded-method",
      "x-forwarded-uri",
      "x-original-url",
      "x-forwarded-host",
      "x-auth-rule",
      "accept",
      "x-api-key",
    );
    const property = asyncProperty(text, dictionary(names, text), constantFrom("", "?", "/"), async (rest, headers, mark) => {
      const answer = await auth.handle(testRequest({ target: `/forward-auth${mark}${rest}`, headers, peerAddress: proxy }));
      expect([undefined, 400, 401, 403, 429]).toContain(answer?.status);
    });
    await assert(property, { numRuns: 300 });
    expect(auth.faults).toEqual([]);
  });
});

describe("the original request", () => {
  test("is told by headers of a trusted proxy, of any of the usual names", async () => {
    const auth = await gate();
    const told = async (headers: Record<string, string>, target = "/forward-auth") => {
      await ask(auth, target, { headers: { ...headers, "x-forwarded-for": "203.0.113.9" } });
      const { httpMethod, path, address } = auth.refusals.at(-1)!;
      return `${address} ${httpMethod} ${path}`;
    };
    expect(await told({ "x-forwarded-method": "DELETE", "x-forwarded-uri": "/orders/7?x=1" })).toBe("203.0.113.9 DELETE /orders/7");
    expect(await told({ "x-original-method": "PUT", "x-original-uri": "/orders" })).toBe("203.0.113.9 PUT /orders");
    expect(await told({ "x-original-method": "PUT", "x-original-url": "https://app.example.com/orders?x=1" })).toBe(
      "203.0.113.9 PUT /orders",
    );
    expect(await told({ "x-original-url": "https://app.example.com" })).toBe("203.0.113.9 GET /");
  });

  test("is Envoy's own request behind our path, with the rule in a header that its client cannot reach", async () => {
    const auth = await gate();
    const headers = { "x-api-key": (await keyOf(auth)).key };
    expect((await ask(auth, "/forward-auth/orders?scope=admin", { method: "POST", headers })).status).toBe(200);
    const rule = { ...headers, "x-auth-rule": "scope=admin" };
    expect((await ask(auth, "/forward-auth/orders?scope=orders:read", { method: "POST", headers: rule })).status).toBe(403);
    expect(auth.refusals.at(-1)).toMatchObject({ httpMethod: "POST", path: "/orders" });
    // The rule of somebody who is not known as a proxy would be missing, so nobody is let in.
    expect(await ask(auth, "/forward-auth/orders", { headers, peerAddress: "192.0.2.1" })).toMatchObject({
      status: 403,
      code: "forward-auth.proxy-untrusted",
    });
  });

  test("is refused where it is told in two ways, or in none that can be read", async () => {
    const auth = await gate();
    const key = (await keyOf(auth)).key;
    const bad: Record<string, string | readonly string[]>[] = [
      { "x-forwarded-method": "GET", "x-original-method": "POST" },
      { "x-forwarded-method": ["GET", "POST"] },
      { "x-forwarded-method": "GE T" },
      { "x-forwarded-uri": "/a", "x-original-uri": "/b" },
      { "x-forwarded-uri": "orders" },
      { "x-forwarded-uri": "/\u00e9" },
      { "x-forwarded-uri": `/${"a".repeat(9_000)}` },
      { "x-forwarded-host": "a/b" },
    ];
    for (const headers of bad) {
      const answer = await ask(auth, "/forward-auth", { headers: { ...headers, "x-api-key": key } });
      expect([headers, answer.status, answer.code]).toEqual([headers, 400, "forward-auth.request-malformed"]);
    }
    const posted = await ask(auth, "/forward-auth", { method: "POST", headers: { "x-forwarded-method": "GET", "x-api-key": key } });
    expect(posted.code).toBe("forward-auth.request-malformed");
  });

  test("is looked through for smuggled credentials", async () => {
    const auth = await gate();
    const headers = { "x-forwarded-uri": "/orders?api_key=lk_live_x", "x-forwarded-method": "GET" };
    expect(await ask(auth, "/forward-auth", { headers })).toMatchObject({ status: 401, code: "request.credential-in-query" });
  });

  test("is what decides whether a cookie may be used from a foreign page, also where nobody says what it was", async () => {
    const auth = await gate();
    const user = await auth.users.create({ email: "ada@example.com" });
    const cookie = (await auth.sessions.create({ user: user.id })).cookie.split(";")[0]!;
    const foreign = { cookie, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    const codeOf = async (headers: Record<string, string>, peerAddress = proxy) =>
      (await ask(auth, "/forward-auth", { headers, peerAddress })).code;
    expect(await codeOf({ ...foreign, "x-forwarded-method": "POST" })).toBe("csrf.foreign-page");
    expect(await codeOf({ ...foreign, "x-forwarded-method": "GET" })).toBeUndefined();
    // nginx asks by GET, whatever the form did.
    expect(await codeOf(foreign)).toBe("csrf.foreign-page");
    expect(await codeOf({ cookie, "content-type": "application/x-www-form-urlencoded" })).toBe("csrf.unproven");
    expect(await codeOf({ cookie })).toBeUndefined();
    // A peer that is no trusted proxy is not believed.
    expect(await codeOf({ ...foreign, "x-forwarded-method": "GET" }, "192.0.2.1")).toBe("csrf.foreign-page");
  });

  test("warns once of a proxy that does not tell the method", async () => {
    const warnings: string[] = [];
    const auth = await gate({ onWarning: (message) => warnings.push(message) });
    await ask(auth, "/forward-auth");
    await ask(auth, "/forward-auth");
    await ask(auth, "/forward-auth", { headers: { "x-forwarded-method": "GET" } });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("X-Forwarded-Method");
  });
});

describe("a browser that is not signed in", () => {
  const page = { accept: "text/html", "x-forwarded-method": "GET", "x-forwarded-uri": "/desk?x=1", "x-forwarded-proto": "https" };
  const own = { ...page, "x-forwarded-host": "auth.example.com" };

  test("is sent to the sign-in page with the way back, where the rule says so", async () => {
    const auth = await gate();
    expect(await ask(auth, "/forward-auth?redirect=", { headers: own })).toMatchObject({
      status: 302,
      headers: { location: `${issuer}/login?return=%2Fdesk%3Fx%3D1` },
    });
    expect((await ask(auth, "/forward-auth", { headers: own })).status).toBe(401);
    expect((await ask(auth, "/forward-auth?redirect=", { headers: { ...own, accept: "application/json" } })).status).toBe(401);
    expect((await ask(auth, "/forward-auth?redirect=", { headers: { ...own, "x-forwarded-method": "POST" } })).status).toBe(401);
  });

  test("comes back to its own origin or an allowed one only", async () => {
    const auth = await gate({ forwardAuth: { origins: ["https://app.example.com"], signIn: "https://app.example.com/enter" } });
    const locationFor = async (headers: Record<string, string>, query = "") =>
      (await ask(auth, `/forward-auth${query}`, { headers: { ...page, ...headers } })).headers["location"];
    expect(await locationFor({ "x-forwarded-host": "app.example.com" })).toBe("https://app.example.com/enter?return=%2Fdesk%3Fx%3D1");
    expect(await locationFor({ "x-forwarded-host": "app.example.com" }, "?redirect=")).toBe(
      `${issuer}/login?return=https%3A%2F%2Fapp.example.com%2Fdesk%3Fx%3D1`,
    );
    expect(await locationFor({ "x-forwarded-host": "evil.example" })).toBe("https://app.example.com/enter");
    expect(await locationFor({ "x-forwarded-host": "app.example.com", "x-forwarded-proto": "http" })).toBe("https://app.example.com/enter");
    for (const target of ["//evil.example", "/\\evil.example", "/..//evil.example"])
      expect(await locationFor({ "x-forwarded-host": "app.example.com", "x-forwarded-uri": target })).toBe("https://app.example.com/enter");
  });

  test("of nginx is told by a header, beside the two statuses that nginx knows", async () => {
    const auth = await gate();
    const redirected = await ask(auth, "/forward-auth?proxy=nginx&redirect=", { headers: own });
    expect(redirected).toMatchObject({
      status: 401,
      headers: { "x-auth-status": "401", "x-auth-redirect": `${issuer}/login?return=%2Fdesk%3Fx%3D1` },
    });
    const { key } = await keyOf(auth);
    const several = await ask(auth, "/forward-auth?proxy=nginx", { headers: { "x-api-key": key, authorization: "Bearer x" } });
    expect(several).toMatchObject({ status: 403, code: "request.several-credentials", headers: { "x-auth-status": "400" } });
    expect(several.requestId).toMatch(/^req_/);
  });
});

describe("the options", () => {
  test("are checked when the gate is built", async () => {
    const wrong = [
      { audience: "two words" },
      { expiresIn: "1s" },
      { expiresIn: "2h" },
      { origins: ["https://app.example.com/path"] },
      { signIn: "https://elsewhere.example/login" },
      { signIn: "//elsewhere.example" },
    ];
    for (const forwardAuth of wrong) await expect(testLatchkey({ issuer, forwardAuth })).rejects.toThrow(/^forwardAuth\./);
  });

  test("can turn it off", async () => {
    const auth = await gate({ forwardAuth: false });
    expect(await auth.handle(testRequest({ target: "/forward-auth" }))).toBeUndefined();
    expect(await (await gate()).handle(testRequest({ target: "/forward-authority" }))).toBeUndefined();
  });
});
