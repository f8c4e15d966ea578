import { generateKeyPairSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import express from "express";
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { guard, mount } from "latchkey/express";
import { createResource, type Resource, type ResourceOptions } from "latchkey/resource";
import type { Allowed, DecisionEvent, Principal } from "latchkey";
import { FetchRequestView } from "latchkey/fetch";
import { mintApiKey, mintUser, type TestLatchkey } from "latchkey/testing";
import { athOf, dpopKey } from "./dpop-key.ts";
import { frameworks, names } from "./frameworks.ts";
import { type ListeningIssuer, listeningIssuer } from "./issuer.ts";

const api = "https://api.example.com";
let issuer: ListeningIssuer;
let user: string;
const opened: { close(): unknown }[] = [];
const faults: unknown[] = [];

beforeEach(async () => {
  faults.length = 0;
  issuer = await listeningIssuer({ jwt: { audiences: [api] } });
  user = (await mintUser(issuer.auth, { roles: [] })).id;
});
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
  await issuer.close();
});

const open = async (options: Partial<ResourceOptions> = {}): Promise<Resource> => {
  const onFault = (error: unknown) => void faults.push(error);
  const resource = await createResource({ issuer: issuer.url, audience: api, clock: issuer.auth.clock, onFault, ...options });
  opened.push(resource);
  return resource;
};
const issue = (options: object = {}) => issuer.auth.tokens.issue({ subject: user, audience: api, scopes: ["posts:read"], ...options });
let requests = 0;
const decide = (resource: Resource, token: string, rule: object = {}) =>
  Promise.resolve(
    resource.check(new Request(`${api}/posts?n=${(requests += 1)}`, { headers: { authorization: `Bearer ${token}` } }), rule),
  );
const codeFor = async (resource: Resource, token: string, rule: object = {}) => {
  const decision = await decide(resource, token, rule);
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describe("an API that knows only the issuer", () => {
  test("lets a token in with the same principal as the issuer itself", async () => {
    const roles = (await mintUser(issuer.auth)).id;
    await issuer.auth.roles.set("editor", []);
    await issuer.auth.roles.grant(roles, "editor");
    const resource = await open({ audience: issuer.url });
    const { token } = await issue({ subject: roles, audience: issuer.url, amr: ["pwd"] });
    const there = await issuer.auth.tokens.verify(token);
    const here = await decide(resource, token);
    expect(here).toMatchObject({ allowed: true });
    expect((here as { principal: unknown }).principal).toEqual((there as { principal: unknown }).principal);
    expect((here as { principal: { roles: unknown } }).principal.roles).toEqual(["editor"]);
  });

  test("asks for its keys and its list once, and for nothing with a warm token", async () => {
    const resource = await open();
    const { token } = await issue();
    await Promise.all(Array.from({ length: 20 }, () => decide(resource, token)));
    expect(resource.check(new Request(api, { headers: { authorization: `Bearer ${token}` } }), {})).toMatchObject({ allowed: true });
    await decide(resource, (await issue()).token);
    expect(issuer.asked.filter((line) => line.includes("jwks")).length).toBe(1);
    expect(issuer.asked.filter((line) => line.includes("status-lists") && line.endsWith("200")).length).toBe(1);
  });

  test("answers in Express as an issuer with its stores would", async () => {
    const resource = await open({ resource: api, metadata: { name: "Posts", scopes: ["posts:read"] } });
    const app = express();
    app.use(mount(resource));
    app.get("/posts", guard(resource, { scopes: ["posts:read"] }), (request, response) => void response.json(request.principal));
    const server = app.listen(0, "127.0.0.1");
    opened.push(server);
    await new Promise((resolve) => server.once("listening", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const get = (token?: string, path = "/posts") =>
      fetch(`${url}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

    const good = await get((await issue()).token);
    expect([good.status, await good.json()]).toMatchObject([200, { subject: user, method: "jwt", scopes: ["posts:read"] }]);
    const nobody = await get();
    expect(nobody.status).toBe(401);
    const metadata = `${api}/.well-known/oauth-protected-resource`;
    const offered = nobody.headers.get("www-authenticate")!;
    expect(offered).toContain(`Bearer realm="api", resource_metadata="${metadata}"`);
    expect(offered).toContain('DPoP algs="');
    const narrow = await get((await issue({ scopes: [] })).token);
    expect(narrow.status).toBe(403);
    expect(narrow.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
    expect(narrow.headers.get("www-authenticate")).toContain('scope="posts:read"');
    const bad = await get("a.b.c");
    expect(bad.headers.get("www-authenticate")).toContain('error="invalid_token"');
    const told = await get(undefined, "/.well-known/oauth-protected-resource");
    expect(await told.json()).toEqual({
      resource: api,
      authorization_servers: [issuer.url],
      bearer_methods_supported: ["header"],
      scopes_supported: ["posts:read"],
      resource_name: "Posts",
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(names)("stands behind the adapter of %s", async (name) => {
    const app = await frameworks[name](await open());
    const get = (path: string, token: string) => fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const { token } = await issue();
    expect(await (await get("/posts", token)).json()).toEqual({ subject: user });
    expect((await get("/twice", token)).status).toBe(403);
    expect((await get("/posts", `${token}x`)).status).toBe(401);
    await app.close();
  });

  test("refuses a token for another audience", async () => {
    expect(await codeFor(await open(), (await issue({ audience: undefined })).token)).toBe("jwt.wrong-audience");
  });

  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const status = (list: object) => ({ status: { status_list: { idx: 0, uri: "https://elsewhere.example/0", ...list } } });
  test.each([
    ["without a status list", {}, "allowed"],
    ["of a client", { client_id: "cli_1", sub: "cli_1" }, "allowed"],
    ["bound to a key", { cnf: { jkt: "x" } }, "jwt.proof-missing"],
    ["of another type", { typ: "JWT" }, "jwt.wrong-type"],
    ["of another issuer", { iss: "https://evil.example" }, "jwt.unknown-issuer"],
    ["signed by somebody else", { key: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey }, "jwt.bad-signature"],
    ["with a list on another host", status({}), "jwt.bad-claims"],
    ["with a list that is no URL", status({ uri: "/status-lists/0" }), "jwt.bad-claims"],
    ["with an index that is a text", status({ idx: "0" }), "jwt.bad-claims"],
    ["with a status of another form", { status: "good" }, "jwt.bad-claims"],
  ])("answers a token %s by its own code [attack:JW-05] [attack:JW-15]", async (_name, made, code) => {
    issuer.instead = (request, response) => {
      const known = request.url === "/.well-known/jwks.json";
      response.writeHead(known ? 200 : 404).end(JSON.stringify({ keys: [{ ...pair.publicKey.export({ format: "jwk" }), kid: "k1" }] }));
    };
    const { typ = "at+jwt", key = pair.privateKey, ...claims } = made as { typ?: string; key?: typeof pair.privateKey };
    const at = Math.floor(issuer.auth.clock.now() / 1_000);
    const token = await new SignJWT({ iss: issuer.url, sub: user, aud: api, iat: at, exp: at + 60, jti: "x", ...claims })
      .setProtectedHeader({ alg: "ES256", typ, kid: "k1" })
      .sign(key);
    expect(await codeFor(await open(), token)).toBe(code);
  });

  test("takes a token without scope for the person only where an app of the issuer's own holds it", async () => {
    const resource = await open();
    const rule = { scopes: ["posts:write"] };
    expect(await codeFor(resource, (await issue({ scopes: undefined, inPerson: true })).token, rule)).toBe("allowed");
    expect(await codeFor(resource, (await issue({ scopes: undefined, inPerson: true, clientId: "cli_other" })).token, rule)).toBe(
      "authorization.scope-missing",
    );
  });

  test("knows what roles may do from its own options", async () => {
    await issuer.auth.roles.set("editor", []);
    await issuer.auth.roles.grant(user, "editor");
    const resource = await open({ permissions: { editor: ["posts:delete"] } });
    const { token } = await issue();
    expect(await codeFor(resource, token, { permission: "posts:delete" })).toBe("allowed");
    expect(await codeFor(resource, token, { permission: "posts:publish" })).toBe("authorization.permission-missing");
  });
});

describe("an API that may ask its issuer", () => {
  test("lets in its keys and opaque tokens with the same principal, and hears what ends them within a second", async () => {
    const { auth } = issuer;
    const asker = await auth.apiKeys.issue({ name: "posts API", scopes: ["tokens:introspect"] });
    const resource = await open({ introspection: { key: asker.key } });
    const minted = await mintApiKey(auth, { scopes: ["posts:read"], owner: user });
    const there = await auth.check(new Request(`${issuer.url}/whoami`, { headers: minted.headers }), {});
    const ask = () => Promise.resolve(resource.check(new Request(`${api}/posts`, { headers: minted.headers }), { methods: ["api-key"] }));
    const here = await ask();
    const facts = ({ subject, kind, method, credentialId, scopes, roles, expiresAt }: Principal) => ({
      subject,
      kind,
      method,
      credentialId,
      scopes,
      roles,
      expiresAt,
    });
    expect(facts((here as Allowed).principal)).toEqual(facts((there as Allowed).principal));
    await auth.apiKeys.revoke(minted.record.id);
    auth.clock.advance("1s");
    expect(await ask()).toMatchObject({ allowed: false, refusal: { code: "introspection.inactive" } });
  });

  test.each([
    ["a user who was disabled", (auth: TestLatchkey) => auth.users.disable(user)],
    ["everything of the user that was revoked", (auth: TestLatchkey) => auth.tokens.revoke({ subject: user })],
    ["a session that has ended", (auth: TestLatchkey, session: string) => auth.sessions.revoke(session)],
  ])("and asks about JWTs, too, hears within a second of %s", async (_name, end) => {
    const { auth } = issuer;
    const asker = await auth.apiKeys.issue({ name: "posts API", scopes: ["tokens:introspect"] });
    const resource = await open({ introspection: { key: asker.key, jwts: true } });
    const { record } = await auth.sessions.create({ user });
    const { token } = await issue({ sessionId: record.id });
    expect([await codeFor(resource, token), await codeFor(resource, `${token}x`)]).toEqual(["allowed", "jwt.malformed"]);
    await end(auth, record.id);
    auth.clock.advance("1s");
    expect(await codeFor(resource, token)).toBe("introspection.inactive");
  });

  test("is told of opaque tokens as a client that is registered to ask about its audience", async () => {
    const { auth } = issuer;
    const asker = await auth.clients.create({ name: "posts API", grants: ["client_credentials"], introspects: [api] });
    const caller = await auth.clients.create({
      name: "robot",
      grants: ["client_credentials"],
      scopes: ["posts:read"],
      resources: [api],
      tokenFormat: "opaque",
    });
    const answer = await fetch(`${issuer.url}/oauth/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${caller.client.id}:${caller.secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "posts:read", resource: api }),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    const resource = await open({ introspection: { clientId: asker.client.id, clientSecret: asker.secret! } });
    expect(await decide(resource, access_token, { scopes: ["posts:read"] })).toMatchObject({
      allowed: true,
      principal: { subject: caller.client.id, kind: "client", method: "opaque-token" },
    });
  });
});

describe("a token bound to a key", () => {
  test("is proven on every request, where the API knows its own URL; elsewhere it is refused", async () => {
    const { auth } = issuer;
    const key = await dpopKey(auth.clock);
    const { token } = await issue({ confirmation: { jkt: key.jkt } });
    const resource = await open({ resource: api });
    const send = (headers: Record<string, string>, to = resource) =>
      Promise.resolve(to.check(new Request(`${api}/posts`, { headers }), {})).then((decision) =>
        decision.allowed ? "allowed" : decision.refusal.code,
      );
    const dpop = await key.prove({ htm: "GET", htu: `${api}/posts`, ath: athOf(token) });
    const authorization = `DPoP ${token}`;
    expect(await send({ authorization, dpop })).toBe("allowed");
    expect(await send({ authorization, dpop })).toBe("dpop.replayed");
    expect(await send({ authorization: `Bearer ${token}` })).toBe("dpop.sent-as-bearer");
    expect(await send({ authorization, dpop: await key.prove({ htm: "GET", htu: `${issuer.url}/posts`, ath: athOf(token) }) })).toBe(
      "dpop.wrong-request",
    );
    expect(await send({ authorization, dpop: await key.prove({ htm: "GET", htu: `${api}/posts`, ath: athOf(token) }) }, await open())).toBe(
      "jwt.proof-missing",
    );
  });
});

describe("a revocation at the issuer", () => {
  test("is known here before a second is over, also for a token that was let in before", async () => {
    const resource = await open();
    const [one, other] = [await issue(), await issue()];
    expect([await codeFor(resource, one.token), await codeFor(resource, other.token)]).toEqual(["allowed", "allowed"]);
    await issuer.auth.tokens.revoke({ id: one.id });
    issuer.auth.clock.advance(999);
    expect([await codeFor(resource, one.token), await codeFor(resource, other.token)]).toEqual(["jwt.revoked", "allowed"]);
  });

  test("costs a request without a body where nothing was revoked", async () => {
    const resource = await open();
    const { token } = await issue();
    await decide(resource, token);
    issuer.auth.clock.advance(999);
    await decide(resource, token);
    expect(issuer.asked.at(-1)).toBe("GET /status-lists/0 304");
  });

  test("is waited for while the issuer does not answer, as long as the last list counts, then nobody is let in", async () => {
    const resource = await open({ revocation: { keep: "20s" } });
    const { token } = await issue();
    await decide(resource, token);
    issuer.instead = (_request, response) => void response.writeHead(500).end();
    issuer.auth.clock.advance("20s");
    expect(await codeFor(resource, token)).toBe("allowed");
    issuer.auth.clock.advance("1s");
    await expect(decide(resource, token)).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    issuer.instead = undefined;
    issuer.auth.clock.advance("1s");
    expect(await codeFor(resource, token)).toBe("allowed");
    expect(faults.length).toBe(1);
  });

  test("of a list that the issuer itself calls expired is not waited for", async () => {
    const resource = await open({ revocation: { keep: "1h" } });
    const { token } = await issue();
    await decide(resource, token);
    issuer.instead = (_request, response) => void response.writeHead(500).end();
    issuer.auth.clock.advance("61s");
    await expect(decide(resource, token)).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
  });

  test("cannot be hidden by a list that somebody else serves, signed or is for other tokens", async () => {
    const { token } = await issue();
    const lists = [await fetch(`${issuer.url}/status-lists/0`).then((answer) => answer.text()), "not a token", (await issue()).token];
    // The right list with one character of its signature changed.
    lists[0] = `${lists[0]!.slice(0, -2)}${lists[0]!.endsWith("AA") ? "BB" : "AA"}`;
    for (const list of lists) {
      issuer.instead = (request, response) =>
        request.url!.startsWith("/status-lists") ? void response.end(list) : issuer.usual(request, response);
      await expect(decide(await open(), token)).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
    }
  });
});

test("an issuer that does not answer is a fault, and no refusal; nothing is asked at the start", async () => {
  const resource = await createResource({ issuer: "http://127.0.0.1:9", audience: api });
  opened.push(resource);
  const { token } = await issue();
  expect(await codeFor(resource, token)).toBe("jwt.unknown-issuer");
  await expect(resource.ping()).rejects.toMatchObject({ code: "LATCHKEY_ISSUER_UNAVAILABLE" });
});

test.each([
  ["issuer", { issuer: "http://auth.example.com" }],
  ["issuer", { issuer: "https://auth.example.com?x" }],
  ["audience", { audience: [] }],
  ["resource", { resource: "api" }],
  ["algorithms", { algorithms: ["HS256"] }],
  ["toleranceSeconds", { toleranceSeconds: 61 }],
  ["revocation.poll", { revocation: { poll: "1ms" } }],
  ["revocation.keep", { revocation: { keep: "2d" } }],
  ["revocation.origins", { revocation: { origins: ["nowhere"] } }],
  ["metadata.scopes", { metadata: { scopes: ["a b"] } }],
])("an option that cannot be used is named: %s", async (option, options) => {
  await expect(createResource({ issuer: "https://auth.example.com", ...options } as ResourceOptions)).rejects.toMatchObject({ option });
});

describe("the operator of an API", () => {
  const authorization = async (options: object = {}) => ({ authorization: `Bearer ${(await issue(options)).token}` });
  const ask = (resource: Resource, headers: Record<string, string>, rule: object = {}) => {
    const view = new FetchRequestView(new Request(`${api}/posts?secret=x`, { headers }), { peerAddress: "192.0.2.7" });
    return Promise.resolve(resource.check(view, resource.rule(rule))).then(() => view.requestId);
  };

  test("is told why a request was refused, by the id of its answer: what was seen, which checks ran, which one failed", async () => {
    const refused: DecisionEvent[] = [];
    const resource = await open({ onDecision: (event) => void refused.push(event) });
    const id = await ask(resource, { ...(await authorization()), "user-agent": "curl" }, { scopes: ["posts:write"] });
    const facts = { httpMethod: "GET", path: "/posts", address: "192.0.2.7", userAgent: "curl", principal: { subject: user } };
    expect(await resource.explain(id)).toMatchObject({
      ...facts,
      outcome: "authorization.scope-missing",
      seen: [expect.stringMatching(/^jwt /)],
    });
    expect((await resource.explain(id))!.checks.at(-1)).toBe("authorization");
    // The log names the id by which is asked.
    expect(refused.map(({ requestId }) => requestId)).toEqual([id]);
  });

  test("is told what was wrong with a token, which the client is not", async () => {
    const resource = await open();
    const answer = await resource.fetch(new Request(api, { headers: await authorization() }));
    expect(answer.headers.get("x-request-id")).toMatch(/^req_/);
    const id = await ask(resource, await authorization({ audience: issuer.url }));
    const event = await resource.explain(id);
    expect(event).toMatchObject({ outcome: "jwt.wrong-audience", principal: undefined });
    expect(event!.checks.at(-1)).toBe("verify");
  });

  test("is told what was let in, remembered or not, and nothing of what nobody asked", async () => {
    const resource = await open();
    const headers = await authorization();
    const [cold, warm] = [await ask(resource, headers), await ask(resource, headers)];
    expect(await resource.explain(cold)).toMatchObject({ outcome: "allowed", fromCache: false, principal: { subject: user } });
    expect(await resource.explain(warm)).toMatchObject({ outcome: "allowed", fromCache: true, path: "/posts" });
    expect(await resource.explain("req_of-somebody-else")).toBeUndefined();
  });
});
