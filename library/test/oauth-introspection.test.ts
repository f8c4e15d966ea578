import { beforeEach, describe, expect, test } from "vitest";
import { mintUser } from "latchkey/testing";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import { api, basic, expectError, issuer, newApp, newClient, post, type TestClient } from "./oauth-house.ts";

eachInAHouse();
let client: TestClient;
beforeEach(async () => {
  client = await newClient(auth, { scopes: ["posts:read"], tokenFormat: "opaque" });
});

const tokenOf = async (of: TestClient, more: Record<string, string> = {}) =>
  String(
    (await post(auth, "/oauth/token", { grant_type: "client_credentials", ...more }, { authorization: basic(of) })).body["access_token"],
  );
const ask = (token: string, headers: Record<string, string>) => post(auth, "/oauth/introspect", { token }, headers);
const inactive = { active: false };

describe("introspection", () => {
  test("tells a client what its token is good for, whether signed or opaque", async () => {
    const signed = await newClient(auth, { scopes: ["posts:read"] });
    for (const one of [client, signed]) {
      const { status, body, headers } = await ask(await tokenOf(one), { authorization: basic(one) });
      expect(status).toBe(200);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(body).toMatchObject({
        active: true,
        iss: issuer,
        sub: one.id,
        client_id: one.id,
        aud: issuer,
        scope: "posts:read",
        token_type: "Bearer",
      });
      expect(body).toMatchObject({ exp: expect.any(Number), iat: expect.any(Number), jti: expect.any(String), sub_kind: "client" });
    }
  });

  test("says nothing but inactive of tokens of others, unknown, damaged, expired and revoked ones [attack:OS-27]", async () => {
    const other = await newClient(auth, { scopes: ["a"] });
    const token = await tokenOf(client);
    expect((await ask(token, { authorization: basic(other) })).body).toEqual(inactive);
    for (const text of ["x", "lka_live_x", `${token}x`, "a.b.c", "lk_live_nothing", "é".repeat(100)])
      expect((await ask(text, { authorization: basic(client) })).body).toEqual(inactive);
    expectError(await ask("x".repeat(20_000), { authorization: basic(client) }), 400, "invalid_request");
    expectError(await ask("x".repeat(1_048_576), { authorization: basic(client) }), 400, "invalid_request");
    expectError(await post(auth, "/oauth/introspect", {}, { authorization: basic(client) }), 400, "invalid_request");
    auth.clock.advance(900_000);
    expect((await ask(token, { authorization: basic(client) })).body).toEqual(inactive);
  });

  test("is for those who prove who they are [attack:OS-27]", async () => {
    const token = await tokenOf(client);
    expectError(await ask(token, {}), 401, "invalid_client");
    expectError(await ask(token, { authorization: basic({ ...client, secret: "wrong" }) }), 401, "invalid_client");
    const { key } = await auth.apiKeys.issue({ name: "no scope" });
    expect((await ask(token, { "x-api-key": key })).status).toBe(403);
    expect((await ask(token, { authorization: "Bearer nothing" })).status).toBe(401);
    // A public client only names itself: whoever finds a token would ask by any of their names.
    const open = await newApp(auth, { authentication: "none" });
    expectError(await post(auth, "/oauth/introspect", { token, client_id: open.id }), 401, "invalid_client");
  });

  test("lets an API ask about the tokens that are for it, and about API keys", async () => {
    const audience = await newClient(auth, { introspects: [api] });
    const gate = await newClient(auth, { introspects: [issuer] });
    const forApi = await tokenOf(client, { resource: api });
    expect((await ask(forApi, { authorization: basic(audience) })).body).toMatchObject({ active: true, aud: api });
    expect((await ask(forApi, { authorization: basic(gate) })).body).toEqual(inactive);
    const owner = (await mintUser(auth)).id;
    const { key, record } = await auth.apiKeys.issue({
      name: "ci",
      owner,
      scopes: ["posts:read"],
      rateLimit: "10/1m",
      allowedAddresses: ["192.0.2.0/24"],
    });
    expect((await ask(key, { authorization: basic(audience) })).body).toEqual(inactive);
    expect((await ask(key, { authorization: basic(gate) })).body).toMatchObject({
      active: true,
      sub: owner,
      sub_kind: "user",
      method: "api-key",
      jti: record.id,
      scope: "posts:read",
      allowed_addresses: "192.0.2.0/24",
      rate_limit: "10/60000ms",
    });
    await auth.apiKeys.revoke(record.id);
    expect((await ask(key, { authorization: basic(gate) })).body).toEqual(inactive);
  });

  test("lets a service ask with a key that has the scope, and a person never (oauth.access-denied)", async () => {
    const token = await tokenOf(client);
    const { key } = await auth.apiKeys.issue({ name: "api", scopes: ["tokens:introspect"] });
    expect((await ask(token, { "x-api-key": key })).body).toMatchObject({ active: true, sub: client.id });
    expect((await ask(token, { authorization: `Bearer ${key}` })).body).toMatchObject({ active: true });
    const owner = (await mintUser(auth)).id;
    const own = await auth.apiKeys.issue({ name: "mine", owner, scopes: ["tokens:introspect"] });
    expectError(await ask(token, { "x-api-key": own.key }), 403, "access_denied");
  });
});

describe("revocation", () => {
  test("ends a token at once, and only one's own [attack:OS-27]", async () => {
    const signed = await newClient(auth, { scopes: ["posts:read"] });
    for (const [one, other] of [
      [client, signed],
      [signed, client],
    ] as const) {
      const token = await tokenOf(one);
      expect((await post(auth, "/oauth/revoke", { token }, { authorization: basic(other) })).status).toBe(200);
      expect((await ask(token, { authorization: basic(one) })).body).toMatchObject({ active: true });
      const hinted = { token, token_type_hint: "refresh_token" };
      expect(await post(auth, "/oauth/revoke", hinted, { authorization: basic(one) })).toMatchObject({ status: 200, body: {} });
      expect((await ask(token, { authorization: basic(one) })).body).toEqual(inactive);
      const decision = await auth.check(new Request(`${issuer}/whoami`, { headers: { authorization: `Bearer ${token}` } }), {});
      expect(decision).toMatchObject({ allowed: false, refusal: { code: one === client ? "opaque-token.unknown" : "jwt.revoked" } });
    }
  });

  test("says nothing of whether there was a token, and needs a client", async () => {
    for (const token of ["x", "lka_live_x", "a.b.c"])
      expect((await post(auth, "/oauth/revoke", { token }, { authorization: basic(client) })).status).toBe(200);
    expectError(await post(auth, "/oauth/revoke", { token: "x" }), 401, "invalid_client");
    expectError(await post(auth, "/oauth/revoke", {}, { authorization: basic(client) }), 400, "invalid_request");
  });
});
