import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { ada, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  api,
  authorize,
  basic,
  challenge,
  claimsOf,
  codeOf,
  expectError,
  get,
  headerOf,
  issuer,
  newApp,
  post,
  redeem,
  requestOf,
  sentTo,
  signedIn,
  type TestClient,
  verifier,
} from "./oauth-house.ts";

let app: TestClient;
eachInAHouse({ ada: { name: "Ada Lovelace", secretNote: "no" } });
beforeEach(async () => {
  app = await newApp(auth, { scopes: ["openid", "profile", "email", "offline_access", "posts:read"] });
});

const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` });
const codeFor = async (token: unknown) => {
  const decision = await auth.check(new Request(`${issuer}/whoami`, { headers: bearer(token) }), {});
  return decision.allowed ? "allowed" : decision.refusal.code;
};
const refresh = (refresh_token: unknown, more: Record<string, string> = {}, client = app) =>
  post(
    auth,
    "/oauth/token",
    { grant_type: "refresh_token", refresh_token: String(refresh_token), ...more },
    { authorization: basic(client) },
  );

describe("the code flow", () => {
  test("brings an access token, an ID token and a refresh token for the person", async () => {
    const at = Math.floor(auth.clock.now() / 1_000);
    const sent = sentTo(await authorize(auth, requestOf(app, { scope: "openid email posts:read", nonce: "n-1" }), ada.cookie));
    expect(sent).toEqual({ code: expect.stringMatching(/^lkg_live_/), state: "s-1", iss: issuer });
    const { status, body, headers } = await redeem(auth, app, sent["code"]!);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 900,
      scope: "openid email posts:read",
      refresh_token: expect.stringMatching(/^lkr_live_/),
      id_token: expect.any(String),
    });
    expect(headerOf(body["id_token"])).toMatchObject({ alg: "ES256", typ: "JWT" });
    expect(claimsOf(body["id_token"])).toEqual({
      iss: issuer,
      sub: ada.id,
      aud: app.id,
      exp: at + 900,
      iat: at,
      auth_time: at,
      nonce: "n-1",
      amr: ["pwd"],
      sid: expect.stringMatching(/^ses_/),
      at_hash: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(claimsOf(body["access_token"])).toMatchObject({
      sub: ada.id,
      client_id: app.id,
      scope: "openid email posts:read",
      grant_id: expect.stringMatching(/^grt_/),
    });
    expect(await codeFor(body["access_token"])).toBe("allowed");
  });

  test("gives a public client nothing without the verifier of its challenge, and no refresh token unless it is registered for it", async () => {
    const spa = await newApp(auth, { authentication: "none", grants: ["authorization_code"] });
    const code = await codeOf(auth, spa, ada);
    expectError(await redeem(auth, spa, code, { code_verifier: undefined }), 400, "invalid_grant");
    const { body } = await redeem(auth, spa, code);
    expect(body).not.toHaveProperty("refresh_token");
    expect(await codeFor(body["access_token"])).toBe("allowed");
  });

  test("signs ID tokens with RS256 for a client that asks for it", async () => {
    const rsa = await newApp(auth, { idTokenAlgorithm: "RS256" });
    const { body } = await redeem(auth, rsa, await codeOf(auth, rsa, ada));
    const { kid } = headerOf(body["id_token"]);
    const { keys } = (await get(auth, "/.well-known/jwks.json")).body as { keys: { kid: string; alg: string }[] };
    expect(keys.find((key) => key.kid === kid)).toMatchObject({ alg: "RS256", kty: "RSA" });
  });

  test("gives no ID token without openid, and what the client's own scopes allow where it asks for none", async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada, { scope: undefined }));
    expect(body).toMatchObject({ scope: "posts:read" });
    expect(body).not.toHaveProperty("id_token");
  });

  test("gives the roles of the person to our own clients only", async () => {
    await auth.roles.grant(ada.id, "admin");
    const theirs = await newApp(auth, { firstParty: false });
    await auth.store.write<{ latchkey_consent: Record<string, unknown> }, unknown>((rows) =>
      rows
        .insertInto("latchkey_consent")
        .values({
          id: "grt_x",
          subject: ada.id,
          client_id: theirs.id,
          scopes: '["openid"]',
          resources: "[]",
          agreed: JSON.stringify([[auth.issuer, ["openid"]]]),
          created_at: 0,
          updated_at: 0,
        })
        .execute(),
    );
    const rolesOf = async (client: TestClient) =>
      (await get(auth, "/whoami", bearer((await redeem(auth, client, await codeOf(auth, client, ada))).body["access_token"]))).body[
        "roles"
      ];
    expect([await rolesOf(app), await rolesOf(theirs)]).toEqual([["admin"], []]);
  });

  test("works with opaque tokens alike", async () => {
    const opaque = await newApp(auth, { tokenFormat: "opaque" });
    const { body } = await redeem(auth, opaque, await codeOf(auth, opaque, ada, { scope: "openid email offline_access" }));
    expect((await get(auth, "/oauth/userinfo", bearer(body["access_token"]))).body).toEqual({
      sub: ada.id,
      email: ada.email,
      email_verified: true,
    });
    await auth.users.disable(ada.id);
    expect(await codeFor(body["access_token"])).toBe("opaque-token.owner-disabled");
    await auth.users.enable(ada.id);
    await auth.users.setPassword(ada.id, "another battery staple horse 1");
    expect(await codeFor(body["access_token"])).toBe("opaque-token.revoked");
    await auth.users.delete(ada.id);
    expect(await codeFor(body["access_token"])).toMatch(/^opaque-token\.(?:owner-gone|revoked)$/);
  });
});

describe("a code", () => {
  test("is redeemed once; a second time ends everything that the first brought [attack:OS-05]", async () => {
    // The last is when the code would be over, had nobody redeemed it.
    for (const wait of [0, 30_000, 61_000]) {
      for (const tokenFormat of ["jwt", "opaque"] as const) {
        const client = await newApp(auth, { tokenFormat });
        const cookie = await signedIn(auth, ada.id);
        const code = await codeOf(auth, client, { ...ada, cookie });
        const { body } = await redeem(auth, client, code);
        expect(await codeFor(body["access_token"])).toBe("allowed");
        auth.clock.advance(wait);
        expectError(await redeem(auth, client, code), 400, "invalid_grant"); // oauth.invalid-grant
        expect(await codeFor(body["access_token"])).toMatch(/^(?:jwt|opaque-token)\.revoked$/);
        expectError(await refresh(body["refresh_token"], {}, client), 400, "invalid_grant");
      }
    }
    await auth.flush();
    expect(await auth.audit.list({ action: "grant.revoked" })).toHaveLength(6);
  });

  test("is good for a minute [attack:OS-14]", async () => {
    const [early, late] = [await codeOf(auth, app, ada), await codeOf(auth, app, ada)];
    auth.clock.advance(59_000);
    expect((await redeem(auth, app, early)).status).toBe(200);
    auth.clock.advance(1_000);
    expectError(await redeem(auth, app, late), 400, "invalid_grant");
  });

  test("is of no use to another client, and stays good for its own [attack:OS-13]", async () => {
    const other = await newApp(auth);
    const code = await codeOf(auth, app, ada);
    expectError(await redeem(auth, other, code), 400, "invalid_grant");
    expect((await redeem(auth, app, code)).status).toBe(200);
  });

  test("is of no use to another address [attack:OS-13]", async () => {
    const code = await codeOf(auth, app, ada);
    for (const uri of ["https://app.example.com/cb/", "https://evil.example.com/"])
      expectError(await redeem(auth, app, code, { redirect_uri: uri }), 400, "invalid_grant");
    expect((await redeem(auth, app, code, { redirect_uri: undefined })).status).toBe(200);
  });

  test("needs its verifier: missing, wrong, too short, too long, of other characters, of no challenge [attack:OS-12] [attack:OS-13]", async () => {
    const code = await codeOf(auth, app, ada);
    for (const code_verifier of [
      undefined,
      verifier.slice(1),
      `${verifier}x`,
      "x".repeat(42),
      "x".repeat(129),
      `${verifier.slice(0, 42)}!`,
      challenge,
    ])
      expectError(await redeem(auth, app, code, { code_verifier }), 400, "invalid_grant");
    expect((await redeem(auth, app, code)).status).toBe(200);
    // Those are refused though their challenge is right.
    for (const code_verifier of ["x".repeat(42), "x".repeat(129), `${verifier.slice(0, 42)}!`]) {
      const bad = await codeOf(auth, app, ada, { code_challenge: createHash("sha256").update(code_verifier).digest("base64url") });
      expectError(await redeem(auth, app, bad, { code_verifier }), 400, "invalid_grant");
    }
    const nonced = await newApp(auth, { requirePkce: false });
    const plain = await codeOf(auth, nonced, ada, { code_challenge: undefined, code_challenge_method: undefined, nonce: "n" });
    expectError(await redeem(auth, nonced, plain), 400, "invalid_grant");
    expectError(await redeem(auth, nonced, plain, { code_verifier: undefined, redirect_uri: undefined }), 400, "invalid_grant");
    expect((await redeem(auth, nonced, plain, { code_verifier: undefined })).status).toBe(200);
  });

  test("ends with the sign-in that it came of", async () => {
    const [first, second, third] = [
      await codeOf(auth, app, ada),
      await codeOf(auth, app, ada),
      await codeOf(auth, app, ada, { scope: "openid offline_access" }),
    ];
    await auth.sessions.revokeAll(ada.id);
    expectError(await redeem(auth, app, first), 400, "invalid_grant");
    expect((await redeem(auth, app, third)).status).toBe(200);
    await auth.users.disable(ada.id);
    expectError(await redeem(auth, app, second), 400, "invalid_grant");
  });

  test("that was never issued, or is none, is refused", async () => {
    for (const code of ["x", "lkg_live_x", verifier, "lkg_live_".padEnd(58, "A")])
      expectError(await redeem(auth, app, code), 400, "invalid_grant");
    expectError(await redeem(auth, app, ""), 400, "invalid_request");
    expectError(await redeem(auth, app, "x".repeat(10_000)), 400, "invalid_request");
  });

  test("is redeemed by one of fifty that try at the same time [attack:OS-06]", async () => {
    const code = await codeOf(auth, app, ada);
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(auth, app, code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 400 && body["error"] === "invalid_grant")).toHaveLength(49);
  });
});

describe("a refresh token", () => {
  const begin = async (scope = "openid offline_access posts:read") =>
    (await redeem(auth, app, await codeOf(auth, app, ada, { scope, nonce: "n-1" }))).body;

  test("brings the next tokens, with an ID token without a nonce", async () => {
    const first = await begin();
    auth.clock.advance(1_000);
    const { status, body } = await refresh(first["refresh_token"]);
    expect(status).toBe(200);
    expect(body["refresh_token"]).not.toBe(first["refresh_token"]);
    expect(claimsOf(body["id_token"])).toMatchObject({ sub: ada.id, aud: app.id });
    expect(claimsOf(body["id_token"])).not.toHaveProperty("nonce");
    expect(claimsOf(body["access_token"])["grant_id"]).toBe(claimsOf(first["access_token"])["grant_id"]);
  });

  test("narrows and never widens, and is not used up by asking for too much", async () => {
    const { refresh_token } = await begin();
    expectError(await refresh(refresh_token, { scope: "openid email" }), 400, "invalid_scope");
    expectError(await refresh(refresh_token, { resource: api }), 400, "invalid_target");
    const narrow = await refresh(refresh_token, { scope: "posts:read" });
    expect(narrow.body).toMatchObject({ scope: "posts:read" });
    expect(narrow.body).not.toHaveProperty("id_token");
    expect((await refresh(narrow.body["refresh_token"])).body).toMatchObject({ scope: "openid offline_access posts:read" });
  });

  test("that is used again after its successor ends the whole family [attack:OS-08]", async () => {
    const first = await begin();
    const second = (await refresh(first["refresh_token"])).body;
    const third = (await refresh(second["refresh_token"])).body;
    expectError(await refresh(first["refresh_token"]), 400, "invalid_grant");
    expectError(await refresh(third["refresh_token"]), 400, "invalid_grant");
    expect(await codeFor(third["access_token"])).toBe("jwt.revoked");
  });

  test("is of no use to another client, which cannot end it either [attack:OS-27]", async () => {
    const { refresh_token } = await begin();
    const other = await newApp(auth);
    expectError(await refresh(refresh_token, {}, other), 400, "invalid_grant");
    expect((await post(auth, "/oauth/revoke", { token: String(refresh_token) }, { authorization: basic(other) })).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  test("ends with the session unless it is for offline use", async () => {
    const [online, offline] = [await begin("openid"), await begin("openid offline_access")];
    await auth.sessions.revokeAll(ada.id);
    expect(await codeFor(online["access_token"])).toBe("jwt.source-ended");
    expectError(await refresh(online["refresh_token"]), 400, "invalid_grant");
    expect((await refresh(offline["refresh_token"])).status).toBe(200);
    auth.clock.advance(1_000);
    await auth.users.setPassword(ada.id, "another battery staple horse 1");
    expectError(await refresh(offline["refresh_token"]), 400, "invalid_grant");
  });

  test("is revoked with everything that came of it", async () => {
    const { refresh_token, access_token } = await begin();
    expect((await post(auth, "/oauth/revoke", { token: String(refresh_token) }, { authorization: basic(app) })).status).toBe(200);
    expect(await codeFor(access_token)).toBe("jwt.revoked");
    expectError(await refresh(refresh_token), 400, "invalid_grant");
  });

  test("of opaque tokens ends them too: opaque-token.source-ended without a session", async () => {
    app = await newApp(auth, { tokenFormat: "opaque" });
    const { access_token } = await begin("openid");
    await auth.sessions.revokeAll(ada.id);
    expect(await codeFor(access_token)).toBe("opaque-token.source-ended");
  });
});

describe("resources", () => {
  test("are bound from the request to the code to the token [attack:OS-21]", async () => {
    const both = `${requestOf(app, { scope: "posts:read" })}&resource=${encodeURIComponent(api)}&resource=${encodeURIComponent(issuer)}`;
    const code = sentTo(await authorize(auth, both, ada.cookie))["code"]!;
    expectError(await redeem(auth, app, code, { resource: "https://other.example.com/" }), 400, "invalid_target");
    const { body } = await redeem(auth, app, code, { resource: api });
    expect(claimsOf(body["access_token"])["aud"]).toBe(api);
    expect(claimsOf((await refresh(body["refresh_token"])).body["access_token"])["aud"]).toEqual([api, issuer]);
    const error = sentTo(await authorize(auth, requestOf(app, { resource: "https://other.example.com/" }), ada.cookie));
    expect(error).toMatchObject({ error: "invalid_target", state: "s-1", iss: issuer });
    const one = await codeOf(auth, app, ada, { resource: api });
    expectError(await redeem(auth, app, one, { resource: issuer }), 400, "invalid_target"); // oauth.invalid-target
  });
});

describe("userinfo", () => {
  const tokenWith = async (scope: string, client = app) =>
    (await redeem(auth, client, await codeOf(auth, client, ada, { scope }))).body["access_token"];

  test("tells what the granted scopes allow, by GET and POST, in the header or in the body", async () => {
    const token = await tokenWith("openid profile email");
    const all = { sub: ada.id, name: "Ada Lovelace", email: ada.email, email_verified: true };
    expect((await get(auth, "/oauth/userinfo", bearer(token))).body).toEqual(all);
    expect((await post(auth, "/oauth/userinfo", "", bearer(token))).body).toEqual(all);
    expect((await post(auth, "/oauth/userinfo", { access_token: String(token) })).body).toEqual(all);
    expectError(await post(auth, "/oauth/userinfo", { access_token: String(token) }, bearer(token)), 400, "invalid_request");
    expect((await get(auth, "/oauth/userinfo", bearer(await tokenWith("openid")))).body).toEqual({ sub: ada.id });
  });

  test("is signed for a client that is registered for it", async () => {
    const signed = await newApp(auth, { userinfoAlgorithm: "ES256" });
    const answer = await get(auth, "/oauth/userinfo", bearer(await tokenWith("openid email", signed)));
    expect(answer.headers.get("content-type")).toContain("application/jwt");
    expect(claimsOf(answer.text)).toMatchObject({ iss: issuer, aud: signed.id, sub: ada.id, email: ada.email });
  });

  test("refuses tokens that are missing, revoked, without openid, for others, of clients, in the query [attack:ID-10]", async () => {
    const challenges = async (headers: Record<string, string>, path = "/oauth/userinfo") => {
      const answer = await get(auth, path, headers);
      return [answer.status, answer.headers.get("www-authenticate")?.includes("Bearer") ?? false];
    };
    expect(await challenges({})).toEqual([401, true]);
    expect(await challenges(bearer("nothing"))).toEqual([401, true]);
    expect(await challenges(bearer(await tokenWith("posts:read")))).toEqual([403, true]);
    const token = await tokenWith("openid");
    expect((await challenges({}, `/oauth/userinfo?access_token=${String(token)}`))[0]).toBe(401);
    await auth.tokens.revoke({ token: String(token) });
    expect(await challenges(bearer(token))).toEqual([401, true]);
    const foreign = (await redeem(auth, app, await codeOf(auth, app, ada, { resource: api }))).body["access_token"];
    expect(await challenges(bearer(foreign))).toEqual([401, true]);
  });

  test("and the ID token tell single claims that are asked for and covered by a scope, whatever else is asked [attack:ID-10]", async () => {
    const claims = '{"id_token":{"email":null,"name":{"essential":true},"__proto__":null,"secretNote":null},"userinfo":{"__proto__":null}}';
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada, { scope: "openid email", claims }));
    const { email, name, secretNote } = claimsOf(body["id_token"]);
    expect([email, name, secretNote]).toEqual([ada.email, undefined, undefined]);
  });
});

test("codes and tokens are stored as digests only", async () => {
  const code = await codeOf(auth, app, ada);
  const { body } = await redeem(auth, app, code);
  for (const table of ["latchkey_authorization_code", "latchkey_refresh_token", "latchkey_client_secret"]) {
    const rows = JSON.stringify(await auth.store.database<Record<string, { digest: string }>>().selectFrom(table).selectAll().execute());
    for (const secret of [code, String(body["refresh_token"]), app.secret]) expect(rows).not.toContain(secret.slice(9));
  }
});

describe("an opaque token at the gate", () => {
  const rowsOf = (job: (rows: Kysely<{ latchkey_access_token: { facts: string }; latchkey_user: { id: string } }>) => Promise<unknown>) =>
    auth.store.write(job);
  const tokenOf = async (changes: Record<string, string> = {}) => {
    const code = await codeOf(auth, app, ada, { scope: "openid offline_access", ...changes });
    return String((await redeem(auth, app, code)).body["access_token"]);
  };
  beforeEach(async () => {
    app = await newApp(auth, { tokenFormat: "opaque" });
  });

  test("is refused for what is wrong with it, and the client hears opaque-token.invalid", async () => {
    const [token, foreign] = [await tokenOf(), await tokenOf({ resource: api })];
    expect(await codeFor(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBe("opaque-token.damaged");
    expect(await codeFor(foreign)).toBe("opaque-token.wrong-audience");
    expect((await get(auth, "/whoami", bearer(foreign))).body["code"]).toBe("opaque-token.invalid");
    auth.clock.advance(900_000);
    expect(await codeFor(token)).toBe("opaque-token.expired");
  });

  test("that is bound in a way that nobody checks is opaque-token.proof-missing; without its owner it is opaque-token.owner-gone", async () => {
    const bound = await tokenOf();
    await rowsOf((rows) => rows.updateTable("latchkey_access_token").set({ facts: '{"cnf":{"x5t#S999":"unheard of"}}' }).execute());
    expect(await codeFor(bound)).toBe("opaque-token.proof-missing");
    const orphan = await tokenOf();
    await rowsOf((rows) => rows.deleteFrom("latchkey_user").where("id", "=", ada.id).execute());
    expect(await codeFor(orphan)).toBe("opaque-token.owner-gone");
  });
});
