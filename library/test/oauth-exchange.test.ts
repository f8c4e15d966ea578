import { beforeEach, describe, expect, test } from "vitest";
import { sqlite } from "latchkey/sqlite";
import { mintApiKey, mintUser, type TestLatchkey } from "latchkey/testing";
import { dpopKey } from "./dpop-key.ts";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  api,
  basic,
  claimsOf,
  codeOf,
  expectError,
  get,
  issuer,
  newApp,
  newClient,
  newPerson,
  oauthHouse,
  post,
  redeem,
  type TestClient,
} from "./oauth-house.ts";

const grant = "urn:ietf:params:oauth:grant-type:token-exchange";
const types = {
  access: "urn:ietf:params:oauth:token-type:access_token",
  jwt: "urn:ietf:params:oauth:token-type:jwt",
  key: "urn:latchkey:token-type:api-key",
};
eachInAHouse();
let user: string;
let client: TestClient;
beforeEach(async () => {
  user = (await mintUser(auth)).id;
  client = await newClient(auth, { grants: [grant], scopes: ["posts:read", "posts:write"] });
});

const exchange = (form: Record<string, string>, by = client, headers: Record<string, string> = {}) =>
  post(auth, "/oauth/token", { grant_type: grant, subject_token_type: types.access, ...form }, { authorization: basic(by), ...headers });
const tokenOf = async (options: Parameters<TestLatchkey["tokens"]["issue"]>[0] = {}) =>
  (await auth.tokens.issue({ subject: user, scopes: ["posts:read"], ...options })).token;

describe("token exchange (RFC 8693)", () => {
  test("gives a client a token for the same subject, which names who acts", async () => {
    const answer = await exchange({ subject_token: await tokenOf(), resource: api });
    expect(answer).toMatchObject({
      status: 200,
      body: { issued_token_type: types.access, token_type: "Bearer", scope: "posts:read", expires_in: 900 },
    });
    expect(claimsOf(answer.body["access_token"])).toMatchObject({
      sub: user,
      aud: api,
      client_id: client.id,
      scope: "posts:read",
      act: { sub: client.id },
    });
    expect(await auth.audit.list({ action: "token.exchanged" })).toMatchObject([{ subject: user, actor: client.id }]);
  });

  test("keeps the chain of those who act", async () => {
    const first = await exchange({ subject_token: await tokenOf() });
    const other = await newClient(auth, { grants: [grant], scopes: ["posts:read"] });
    const second = await exchange({ subject_token: String(first.body["access_token"]) }, other);
    expect(claimsOf(second.body["access_token"])["act"]).toEqual({ sub: other.id, act: { sub: client.id } });
    const actor = await mintUser(auth);
    const third = await exchange({
      subject_token: await tokenOf(),
      actor_token: await tokenOf({ subject: actor.id }),
      actor_token_type: types.jwt,
    });
    expect(claimsOf(third.body["access_token"])["act"]).toEqual({ sub: actor.id });
  });

  test("takes an API key under a type of our own, and an opaque token", async () => {
    const { key } = await mintApiKey(auth, { owner: user, scopes: ["posts:read"] });
    const byKey = await exchange({ subject_token: key, subject_token_type: types.key });
    expect(claimsOf(byKey.body["access_token"])).toMatchObject({ sub: user, scope: "posts:read" });
    const opaque = await newClient(auth, { tokenFormat: "opaque", scopes: ["posts:read"], grants: ["client_credentials", grant] });
    const own = await post(auth, "/oauth/token", { grant_type: "client_credentials" }, { authorization: basic(opaque) });
    const swapped = await exchange({ subject_token: String(own.body["access_token"]) }, opaque);
    expect(swapped.body["access_token"]).toMatch(/^lka_/);
    expect((await get(auth, "/whoami", { authorization: `Bearer ${String(swapped.body["access_token"])}` })).body).toMatchObject({
      subject: opaque.id,
      scopes: ["posts:read"],
    });
  });

  test("ends when the API key ends that it was made from, signed or opaque", async () => {
    for (const tokenFormat of ["jwt", "opaque"] as const) {
      const by = await newClient(auth, { tokenFormat, scopes: ["posts:read"], grants: [grant] });
      const { key, record } = await mintApiKey(auth, { owner: user, scopes: ["posts:read"] });
      const { body } = await exchange({ subject_token: key, subject_token_type: types.key }, by);
      const status = async () => (await get(auth, "/whoami", { authorization: `Bearer ${String(body["access_token"])}` })).status;
      expect(await status()).toBe(200);
      await auth.apiKeys.revoke(record.id);
      expect(await status()).toBe(401);
    }
  });

  test("gives no more scopes than token and client have, and no longer life", async () => {
    expectError(await exchange({ subject_token: await tokenOf(), scope: "posts:write" }), 400, "invalid_scope");
    expectError(await exchange({ subject_token: await tokenOf({ scopes: ["admin"] }), scope: "admin" }), 400, "invalid_scope");
    expect((await exchange({ subject_token: await tokenOf({ scopes: ["posts:read", "admin"] }) })).body["scope"]).toBe("posts:read");
    const short = await exchange({ subject_token: await tokenOf({ expiresIn: "60s" }) });
    expect(short.body["expires_in"]).toBe(60);
  });

  test("is for known targets only, and each client for its own", async () => {
    expectError(await exchange({ subject_token: await tokenOf(), resource: "https://evil.example/" }), 400, "invalid_target");
    expectError(await exchange({ subject_token: await tokenOf(), audience: "https://evil.example/" }), 400, "invalid_target");
    const narrow = await newClient(auth, { grants: [grant], scopes: ["posts:read"], resources: [api] });
    const forApi = await tokenOf({ audience: api });
    expect(claimsOf((await exchange({ subject_token: forApi, audience: api }, narrow)).body["access_token"])["aud"]).toBe(api);
    expectError(await exchange({ subject_token: forApi, resource: issuer }, narrow), 400, "invalid_target");
    // A token on its way to somebody else is none of its business.
    expectError(await exchange({ subject_token: await tokenOf() }, narrow), 400, "invalid_request");
  });

  test("refuses what the gate would refuse, and what is of another type than it is said to be", async () => {
    expect.hasAssertions();
    const expired = await tokenOf({ expiresIn: "1s" });
    auth.clock.advance("2s");
    const { token: revoked, id } = await auth.tokens.issue({ subject: user });
    await auth.tokens.revoke({ id });
    for (const subject_token of [expired, revoked, "x", "a.b.c", "lk_live_x", "lka_live_x", `${await tokenOf()}x`])
      expectError(await exchange({ subject_token }), 400, "invalid_request");
    const good = { subject_token: await tokenOf() };
    for (const change of [
      { subject_token_type: types.key },
      { subject_token_type: "urn:ietf:params:oauth:token-type:id_token" },
      { subject_token_type: "__proto__" },
      { subject_token_type: "" },
      { requested_token_type: "urn:ietf:params:oauth:token-type:refresh_token" },
      { actor_token: "x", actor_token_type: types.jwt },
      { actor_token_type: types.jwt },
    ] as Record<string, string>[])
      expectError(await exchange({ ...good, ...change }), 400, "invalid_request");
    expectError(await exchange({}), 400, "invalid_request");
  });

  test("is for clients that are registered for it, and prove who they are", async () => {
    expect.hasAssertions();
    expectError(await exchange({ subject_token: await tokenOf() }, await newClient(auth)), 400, "unauthorized_client");
    const open = await newClient(auth, { authentication: "none", grants: [grant] });
    const form = { grant_type: grant, client_id: open.id, subject_token: await tokenOf(), subject_token_type: types.access };
    expectError(await post(auth, "/oauth/token", form), 400, "unauthorized_client");
  });

  test("does not take a token off the key that it is bound to", async () => {
    const key = await dpopKey(auth.clock);
    const bound = await tokenOf({ confirmation: { jkt: key.jkt } });
    expectError(await exchange({ subject_token: bound }), 400, "invalid_request");
    const prove = (by: typeof key) => by.prove({ htm: "POST", htu: `${issuer}/oauth/token` });
    expectError(await exchange({ subject_token: bound }, client, { dpop: await prove(await dpopKey(auth.clock)) }), 400, "invalid_request");
    const answer = await exchange({ subject_token: bound }, client, { dpop: await prove(key) });
    expect(answer.body["token_type"]).toBe("DPoP");
    expect(claimsOf(answer.body["access_token"])["cnf"]).toEqual({ jkt: key.jkt });
  });
});

describe("what a token was exchanged for", () => {
  const code = async (token: unknown) => {
    const decision = await auth.check(new Request(`${issuer}/x`, { headers: { authorization: `Bearer ${String(token)}` } }), {});
    return decision.allowed ? "allowed" : decision.refusal.code;
  };
  const exchanged = async (subject_token: unknown, by = client) =>
    (await exchange({ subject_token: String(subject_token) }, by)).body["access_token"];
  const introspected = async (token: unknown, by = client) =>
    (await post(auth, "/oauth/introspect", { token: String(token) }, { authorization: basic(by) })).body["active"];
  const revoke = (token: unknown, by: TestClient) => post(auth, "/oauth/revoke", { token: String(token) }, { authorization: basic(by) });

  for (const parentFormat of ["jwt", "opaque"] as const)
    for (const childFormat of ["jwt", "opaque"] as const)
      test(`ends it, and what was made of that, ${parentFormat} into ${childFormat}, at the gate and at introspection`, async () => {
        const app = await newApp(auth, { tokenFormat: parentFormat, scopes: ["openid", "posts:read"] });
        const by = await newClient(auth, { grants: [grant], scopes: ["posts:read"], tokenFormat: childFormat });
        const ada = await newPerson(auth);
        const tokens = (await redeem(auth, app, await codeOf(auth, app, ada, { scope: "openid posts:read" }))).body;
        const parent = tokens["access_token"];
        const child = await exchanged(parent, by);
        const grandchild = await exchanged(child, by);
        const [other, sibling] = [await exchanged(parent, by), await exchanged(child, by)];
        for (const token of [child, grandchild, other, sibling])
          expect([await code(token), await introspected(token, by)]).toEqual(["allowed", true]);
        // One in the middle: what it was made of, and what was made beside it, stand.
        await revoke(child, by);
        const ends = async (token: unknown) => [(await code(token)) !== "allowed", !(await introspected(token, by))];
        for (const token of [grandchild, sibling]) expect(await ends(token)).toEqual([true, true]);
        for (const token of [parent, other]) expect(await code(token)).toBe("allowed");
        await revoke(parent, app);
        expect(await ends(other)).toEqual([true, true]);
        // The grant stands: its refresh token brings new ones.
        const refresh = { grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) };
        expect((await post(auth, "/oauth/token", refresh, { authorization: basic(app) })).status).toBe(200);
      });

  test("ends it for every process, after a restart too, and costs nothing where nothing was exchanged", async () => {
    const [store, secret] = [sqlite(":memory:"), "a master secret of more than 32 bytes"];
    const options = { store, secret, clock: auth.clock };
    const house = await oauthHouse(options);
    const way = { grants: [grant, "client_credentials"], scopes: ["posts:read"], tokenFormat: "opaque" as const };
    const by = await newClient(house, way);
    const own = async () =>
      String((await post(house, "/oauth/token", { grant_type: "client_credentials" }, { authorization: basic(by) })).body["access_token"]);
    const [parent, single] = [await own(), await own()];
    const form = { grant_type: grant, subject_token: parent, subject_token_type: types.access };
    const child = String((await post(house, "/oauth/token", form, { authorization: basic(by) })).body["access_token"]);
    for (const token of [parent, single]) await post(house, "/oauth/revoke", { token }, { authorization: basic(by) });
    const cutoffs = await store
      .database<{ latchkey_token_cutoff: { id: string } }>()
      .selectFrom("latchkey_token_cutoff")
      .select("id")
      .execute();
    expect(cutoffs).toHaveLength(1);
    const again = await oauthHouse(options);
    const status = (await get(again, "/whoami", { authorization: `Bearer ${child}` })).status;
    expect(status).toBe(401);
    await again.close();
    await house.close();
  });

  test("ends it with the session, the grant and the client behind it", async () => {
    const app = await newApp(auth, { scopes: ["openid", "posts:read"] });
    const ada = await newPerson(auth);
    const begin = async () => (await redeem(auth, app, await codeOf(auth, app, ada, { scope: "openid posts:read" }))).body;
    const first = await begin();
    const ofGrant = await exchanged(first["access_token"]);
    await post(auth, "/oauth/revoke", { token: String(first["refresh_token"]) }, { authorization: basic(app) });
    expect(await code(ofGrant)).not.toBe("allowed");
    const ofSession = await exchanged((await begin())["access_token"]);
    expect(await code(ofSession)).toBe("allowed");
    const [session] = await auth.sessions.list(ada.id);
    await auth.sessions.revoke(session!.id);
    expect(await code(ofSession)).not.toBe("allowed");
  });

  test("ends what /tokens/exchange made of it, too", async () => {
    const app = await newApp(auth, { tokenFormat: "opaque", scopes: ["openid", "posts:read"] });
    const ada = await newPerson(auth);
    const parent = String((await redeem(auth, app, await codeOf(auth, app, ada, { scope: "openid posts:read" }))).body["access_token"]);
    const swap = async () => {
      const sent = { authorization: `Bearer ${parent}`, "content-type": "application/json" };
      const request = new Request(`${issuer}/tokens/exchange`, {
        method: "POST",
        headers: sent,
        body: JSON.stringify({ audience: issuer }),
      });
      return ((await (await auth.fetch(request)).json()) as { access_token: string }).access_token;
    };
    const made = await swap();
    expect(await code(made)).toBe("allowed");
    const [session] = await auth.sessions.list(ada.id);
    await auth.sessions.revoke(session!.id);
    expect(await code(made)).not.toBe("allowed");
  });

  test("is remembered along eight exchanges, and no further", async () => {
    let token: unknown = await tokenOf();
    for (let times = 0; times < 9; times += 1) token = await exchanged(token);
    expect(await code(token)).toBe("allowed");
    expectError(await exchange({ subject_token: String(token) }), 400, "invalid_request");
  });
});

describe("may_act (RFC 8693 s.4.4)", () => {
  const tokenFor = (may_act: unknown) => tokenOf({ claims: { may_act } });

  test("lets act whom it names, the client or the subject of the actor token", async () => {
    const actor = (await mintUser(auth)).id;
    const byActor = { actor_token: await tokenOf({ subject: actor }), actor_token_type: types.jwt };
    for (const may_act of [{ sub: client.id }, { sub: client.id, iss: issuer }, { client_id: client.id }])
      expect(claimsOf((await exchange({ subject_token: await tokenFor(may_act) })).body["access_token"])["act"]).toEqual({
        sub: client.id,
      });
    const answer = await exchange({ subject_token: await tokenFor({ sub: actor, client_id: client.id }), ...byActor });
    expect(claimsOf(answer.body["access_token"])["act"]).toEqual({ sub: actor });
  });

  test("lets nobody else act, nor whom it describes in words that we do not judge", async () => {
    expect.hasAssertions();
    const wrong = [{ sub: user }, { sub: client.id, iss: "https://elsewhere.example" }, { client_id: "cli_x" }, {}, { email: "a@b.c" }];
    for (const may_act of [
      ...wrong,
      { sub: client.id, email: "a@b.c" },
      { sub: [client.id] },
      client.id,
      [client.id],
      null,
      1,
      { __proto__: null, iss: issuer },
    ])
      expectError(await exchange({ subject_token: await tokenFor(may_act) }), 400, "invalid_request");
    const byOther = { actor_token: await tokenOf({ subject: (await mintUser(auth)).id }), actor_token_type: types.jwt };
    expectError(await exchange({ subject_token: await tokenFor({ sub: client.id }), ...byOther }), 400, "invalid_request");
  });

  test("holds for what is made of the token as well, signed or opaque", async () => {
    const other = await newClient(auth, { grants: [grant], scopes: ["posts:read"] });
    for (const tokenFormat of ["jwt", "opaque"] as const) {
      const by = await newClient(auth, { grants: [grant], scopes: ["posts:read"], tokenFormat });
      const first = await exchange({ subject_token: await tokenFor({ client_id: by.id }) }, by);
      const subject_token = String(first.body["access_token"]);
      expectError(await exchange({ subject_token }, other), 400, "invalid_request");
      expect((await exchange({ subject_token }, by)).status).toBe(200);
    }
  });
});
