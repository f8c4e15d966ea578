// Modules of the OpenID conformance suite, by their names, as far as they can be mirrored without it: docs/reference/conformance.md.
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TestLatchkey } from "latchkey/testing";
import { athOf, type DpopKey, dpopKey } from "./dpop-key.ts";
import {
  authorize,
  codeOf,
  expectError,
  get,
  issuer,
  newApp,
  newPerson,
  oauthHouse,
  post,
  redeem,
  redirectUri,
  type Reply,
  requestOf,
  sentTo,
  type TestClient,
  type TestPerson,
  verifier,
} from "./oauth-house.ts";

let auth: TestLatchkey;
let ada: TestPerson;
beforeEach(async () => {
  auth = await oauthHouse();
  ada = await newPerson(auth, "ada@example.com");
});
afterEach(() => auth.close());

describe("FAPI 2.0 Security Profile: a client with a key pair, pushed requests and bound tokens", () => {
  let client: TestClient;
  let key: DpopKey;
  let assertion: (by?: TestClient) => Promise<Record<string, string>>;

  beforeEach(async () => {
    const { publicKey, privateKey } = await generateKeyPair("PS256");
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "PS256" }] };
    const metadata = { require_pushed_authorization_requests: true, dpop_bound_access_tokens: true };
    client = await newApp(auth, { authentication: "private_key_jwt", jwks, metadata });
    key = await dpopKey(auth.clock);
    let assertions = 0;
    assertion = async ({ id } = client) => {
      const at = Math.floor(auth.clock.now() / 1_000);
      const claims = { iss: id, sub: id, aud: issuer, jti: `a${(assertions += 1)}`, iat: at, exp: at + 60 };
      return {
        client_assertion: await new SignJWT(claims).setProtectedHeader({ alg: "PS256", kid: "k1" }).sign(privateKey),
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      };
    };
  });
  const push = async (changes: Record<string, string> = {}, more = "") =>
    post(auth, "/oauth/par", `${requestOf(client, changes)}&${new URLSearchParams(await assertion()).toString()}${more}`);
  const code = async () => {
    const { body } = await push();
    const request = new URLSearchParams({ client_id: client.id, request_uri: String(body["request_uri"]) }).toString();
    const sent = sentTo(await authorize(auth, request, ada.cookie));
    expect(sent["iss"]).toBe(issuer);
    return sent["code"]!;
  };
  const proof = (claims: object = {}) => key.prove({ htm: "POST", htu: `${issuer}/oauth/token`, ...claims });
  const token = async (value: string, dpop?: string, by = client): Promise<Reply> => {
    const form = { grant_type: "authorization_code", code: value, redirect_uri: redirectUri, code_verifier: verifier };
    return post(auth, "/oauth/token", { ...form, ...(await assertion(by)) }, dpop === undefined ? {} : { dpop });
  };
  const whoami = async (value: unknown, claims: object = {}) =>
    get(auth, "/whoami", {
      authorization: `DPoP ${String(value)}`,
      dpop: await key.prove({ htm: "GET", htu: `${issuer}/whoami`, ath: athOf(String(value)), ...claims }),
    });

  test("fapi2-security-profile-final-par-attempt-invalid-http-method", async () => {
    expect((await get(auth, "/oauth/par")).status).toBe(405);
  });

  test("fapi2-security-profile-final-par-plain-pkce-rejected", async () => {
    expectError(await push({ code_challenge_method: "plain" }), 400, "invalid_request");
    expect((await push()).status).toBe(201);
  });

  test("fapi2-security-profile-final-par-without-duplicate-parameters", async () => {
    expectError(await push({}, "&scope=openid"), 400, "invalid_request");
    expect((await push()).status).toBe(201);
  });

  test("fapi2-security-profile-final-ensure-holder-of-key-required", async () => {
    expectError(await token(await code()), 400, "invalid_dpop_proof");
    expect((await token(await code(), await proof())).body["token_type"]).toBe("DPoP");
  });

  test("fapi2-security-profile-final-dpop-negative-tests", async () => {
    for (const claims of [{ htm: "GET" }, { htu: `${issuer}/oauth/par` }, { iat: 1 }, { jti: undefined }])
      expectError(await token(await code(), await proof(claims)), 400, "invalid_dpop_proof");
    const at = Math.floor(auth.clock.now() / 1_000);
    const { body } = await token(await code(), await proof({ iat: at - 10 }));
    expect((await whoami(body["access_token"], { iat: at + 10 })).status).toBe(200);
    expect((await whoami(body["access_token"], { ath: "x" })).status).toBe(401);
    expect((await get(auth, "/whoami", { authorization: `Bearer ${String(body["access_token"])}` })).status).toBe(401);
  });

  test("fapi2-security-profile-final-attempt-reuse-authorization-code-after-one-second", async () => {
    const value = await code();
    const first = await token(value, await proof());
    auth.clock.advance("1s");
    expectError(await token(value, await proof()), 400, "invalid_grant");
    expect((await whoami(first.body["access_token"])).status).toBe(401);
  });

  test("fapi2-security-profile-final-ensure-authorization-code-is-bound-to-client", async () => {
    const other = await newApp(auth);
    expectError(await redeem(auth, other, await code(), {}, { dpop: await proof() }), 400, "invalid_grant");
  });

  test("fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code", async () => {
    const value = await code();
    auth.clock.advance("61s");
    expectError(await token(value, await proof()), 400, "invalid_grant");
  });
});

describe("OpenID Connect Basic OP", () => {
  let app: TestClient;
  beforeEach(async () => {
    app = await newApp(auth, { metadata: { post_logout_redirect_uris: ["https://app.example.com/bye"] } });
  });

  for (const [module, later] of [
    ["oidcc-codereuse", "0s"],
    ["oidcc-codereuse-30seconds", "30s"],
  ] as const)
    test(`module ${module}`, async () => {
      const code = await codeOf(auth, app, ada);
      const first = await redeem(auth, app, code);
      if (later !== "0s") auth.clock.advance(later);
      expectError(await redeem(auth, app, code), 400, "invalid_grant");
      expect((await get(auth, "/oauth/userinfo", { authorization: `Bearer ${String(first.body["access_token"])}` })).status).toBe(401);
    });

  test("oidcc-ensure-registered-redirect-uri", async () => {
    const answer = await authorize(auth, requestOf(app, { redirect_uri: "https://app.example.com/other" }), ada.cookie);
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
  });

  test("oidcc-prompt-none-not-logged-in", async () => {
    expect(sentTo(await authorize(auth, requestOf(app, { prompt: "none" })))).toMatchObject({ error: "login_required" });
  });

  test("oidcc-prompt-login", async () => {
    expect((await authorize(auth, requestOf(app, { prompt: "login" }), ada.cookie)).headers.get("location")).toContain("/login");
  });

  test("oidcc-max-age-1", async () => {
    auth.clock.advance("2s");
    expect((await authorize(auth, requestOf(app, { max_age: "1" }), ada.cookie)).headers.get("location")).toContain("/login");
    expect(sentTo(await authorize(auth, requestOf(app, { max_age: "15000" }), ada.cookie))).toHaveProperty("code");
  });

  test("oidcc-userinfo-post-body", async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada));
    const answer = await post(auth, "/oauth/userinfo", { access_token: String(body["access_token"]) });
    expect(answer).toMatchObject({ status: 200, body: { sub: ada.id } });
  });

  test("oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", async () => {
    const { body } = await redeem(auth, app, await codeOf(auth, app, ada));
    const query = new URLSearchParams({ id_token_hint: String(body["id_token"]), post_logout_redirect_uri: "https://app.example.com/" });
    const answer = await get(auth, `/oauth/logout?${query.toString()}`, { cookie: ada.cookie });
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
  });
});
