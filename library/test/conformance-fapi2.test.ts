// Modules of the OpenID conformance suite for the FAPI 2.0 Security Profile, by their names: docs/reference/conformance.md.
import { exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { athOf, type DpopKey, dpopKey } from "./dpop-key.ts";
import { ada, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  authorize,
  basic,
  claimsOf,
  expectError,
  get,
  issuer,
  newApp,
  post,
  redeem,
  redirectUri,
  type Reply,
  requestOf,
  sentTo,
  type TestClient,
  verifier,
} from "./oauth-house.ts";

eachInAHouse({ ada: {} });

/** RSA keys take long to make, and one does for all. */
const pair = generateKeyPair("PS256", { extractable: true });

describe("FAPI 2.0 Security Profile, with private_key_jwt and DPoP", () => {
  let client: TestClient;
  let key: DpopKey;
  /** As a form, with these claims and header instead. */
  let assertion: (by?: TestClient, claims?: object, header?: object) => Promise<Record<string, string>>;

  beforeEach(async () => {
    const { publicKey, privateKey } = await pair;
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "PS256" }] };
    const metadata = { require_pushed_authorization_requests: true, dpop_bound_access_tokens: true };
    client = await newApp(auth, { authentication: "private_key_jwt", jwks, metadata });
    key = await dpopKey(auth.clock);
    let assertions = 0;
    const rs256 = await importJWK({ ...(await exportJWK(privateKey)), alg: "RS256" }, "RS256");
    assertion = async ({ id } = client, claims = {}, header = {}) => {
      const at = Math.floor(auth.clock.now() / 1_000);
      const all = { iss: id, sub: id, aud: issuer, jti: `a${(assertions += 1)}`, iat: at, exp: at + 60, ...claims };
      const algorithm = { alg: "PS256", kid: "k1", ...header };
      return {
        client_assertion: await new SignJWT(all).setProtectedHeader(algorithm).sign(algorithm.alg === "PS256" ? privateKey : rs256),
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      };
    };
  });
  const push = async (changes: Record<string, string | undefined> = {}, more = "", dpop?: string, proven?: Record<string, string>) => {
    const form = `${requestOf(client, changes)}&${new URLSearchParams(proven ?? (await assertion())).toString()}${more}`;
    return post(auth, "/oauth/par", form, dpop === undefined ? {} : { dpop });
  };
  const byUri = ({ body }: Reply, more: Record<string, string> = {}) =>
    new URLSearchParams({ client_id: client.id, request_uri: String(body["request_uri"]), ...more }).toString();
  const answered = async (pushed: Reply) => {
    const sent = sentTo(await authorize(auth, byUri(pushed), ada.cookie));
    expect(sent["iss"]).toBe(issuer);
    return sent;
  };
  const code = async (changes: Record<string, string | undefined> = {}) => (await answered(await push(changes)))["code"]!;
  const proof = (claims: object = {}, of = key) => of.prove({ htm: "POST", htu: `${issuer}/oauth/token`, ...claims });
  const atPar = (claims: object = {}, of = key) => proof({ htu: `${issuer}/oauth/par`, ...claims }, of);
  const token = async (value: string, dpop?: string, changes: Record<string, string> = {}): Promise<Reply> => {
    const form = { grant_type: "authorization_code", code: value, redirect_uri: redirectUri, code_verifier: verifier };
    return post(auth, "/oauth/token", { ...form, ...(await assertion()), ...changes }, dpop === undefined ? {} : { dpop });
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

  test("fapi2-security-profile-final-discovery-end-point-verification", async () => {
    const { body } = await get(auth, "/.well-known/openid-configuration");
    expect(body).toMatchObject({
      issuer,
      pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: expect.arrayContaining(["private_key_jwt"]),
      token_endpoint_auth_signing_alg_values_supported: expect.arrayContaining(["PS256", "ES256"]),
      dpop_signing_alg_values_supported: expect.arrayContaining(["ES256"]),
    });
  });

  test("fapi2-security-profile-final-happy-flow", async () => {
    const [mine, other] = [await token(await code(), await proof()), await dpopKey(auth.clock)];
    expect(mine.body).toMatchObject({ token_type: "DPoP", id_token: expect.any(String) });
    const value = String(mine.body["access_token"]);
    expect((await whoami(value)).status).toBe(200);
    const stolen = await other.prove({ htm: "GET", htu: `${issuer}/whoami`, ath: athOf(value) });
    expect((await get(auth, "/whoami", { authorization: `DPoP ${value}`, dpop: stolen })).status).toBe(401);
  });

  test("fapi2-security-profile-final-user-rejects-authentication", async () => {
    const { jwks, metadata } = (await auth.clients.find(client.id))!.metadata as { jwks: { keys: [] }; metadata: Record<string, unknown> };
    client = await newApp(auth, { authentication: "private_key_jwt", jwks, metadata, firstParty: false });
    const asked = await authorize(auth, byUri(await push()), ada.cookie);
    const { request } = asked.body["consent"] as { request: string };
    const form = { request, decision: "deny" };
    const denied = await post(auth, "/oauth/authorize/decision", form, { cookie: ada.cookie, origin: issuer });
    expect(sentTo(denied)).toEqual({ error: "access_denied", error_description: expect.any(String), state: "s-1", iss: issuer });
  });

  test("fapi2-security-profile-final-ensure-authorization-request-without-state-success", async () => {
    expect(await answered(await push({ state: undefined }))).not.toHaveProperty("state");
  });

  test("fapi2-security-profile-final-ensure-authorization-request-without-nonce-success", async () => {
    const { body } = await token(await code({ nonce: undefined }), await proof());
    expect(claimsOf(body["id_token"])).not.toHaveProperty("nonce");
  });

  for (const [module, length] of [
    ["fapi2-security-profile-final-ensure-authorization-request-with-64-char-nonce-success", 64],
    ["fapi2-security-profile-final-ensure-authorization-request-with-long-nonce", 384],
  ] as const)
    test(`module ${module}`, async () => {
      const nonce = "n".repeat(length);
      const { body } = await token(await code({ nonce }), await proof());
      expect(claimsOf(body["id_token"])["nonce"]).toBe(nonce);
    });

  test("fapi2-security-profile-final-ensure-authorization-request-with-long-state", async () => {
    const state = "s".repeat(1_000);
    expect((await answered(await push({ state })))["state"]).toBe(state);
  });

  test("fapi2-security-profile-final-ensure-other-scope-order-succeeds", async () => {
    const { body } = await token(await code({ scope: "email openid" }), await proof());
    expect(body).toMatchObject({ id_token: expect.any(String), scope: "email openid" });
  });

  test("fapi2-security-profile-final-test-claims-parameter-identity-claims", async () => {
    const claims = JSON.stringify({ id_token: { email: null }, userinfo: { email_verified: null } });
    const { body } = await token(await code({ scope: "openid email", claims }), await proof());
    expect(claimsOf(body["id_token"])["email"]).toBe(ada.email);
    const value = String(body["access_token"]);
    const dpop = await key.prove({ htm: "GET", htu: `${issuer}/oauth/userinfo`, ath: athOf(value) });
    expect((await get(auth, "/oauth/userinfo", { authorization: `DPoP ${value}`, dpop })).body["email_verified"]).toBe(true);
  });

  test("fapi2-security-profile-final-access-token-type-header-case-sensitivity", async () => {
    const { body } = await token(await code(), await proof());
    for (const scheme of ["dpop", "DPOP"]) {
      const value = String(body["access_token"]);
      const dpop = await key.prove({ htm: "GET", htu: `${issuer}/whoami`, ath: athOf(value) });
      expect((await get(auth, "/whoami", { authorization: `${scheme} ${value}`, dpop })).status).toBe(200);
    }
  });

  test("fapi2-security-profile-final-refresh-token", async () => {
    const other = await newApp(auth);
    const form = { grant_type: "refresh_token", refresh_token: String((await token(await code(), await proof())).body["refresh_token"]) };
    const refresh = async (proven: Record<string, string>, dpop?: string) =>
      post(auth, "/oauth/token", { ...form, ...proven }, dpop === undefined ? {} : { dpop });
    expectError(await refresh({ client_id: client.id }, await proof()), 401, "invalid_client");
    expectError(await refresh(await assertion()), 400, "invalid_dpop_proof");
    const foreign = { authorization: basic(other), dpop: await proof() };
    expectError(await post(auth, "/oauth/token", form, foreign), 400, "invalid_grant");
    expect(await refresh(await assertion(), await proof())).toMatchObject({ status: 200, body: { token_type: "DPoP" } });
  });

  test("fapi2-security-profile-final-ensure-client-id-in-token-endpoint", async () => {
    const other = await newApp(auth);
    const answer = await token(await code(), await proof(), { client_id: other.id });
    expect(["invalid_client", "invalid_request"]).toContain(answer.body["error"]);
  });

  test("fapi2-security-profile-final-ensure-client-assertion-in-token-endpoint", async () => {
    const form = { grant_type: "authorization_code", code: await code(), redirect_uri: redirectUri, code_verifier: verifier };
    const answer = await post(auth, "/oauth/token", { client_id: client.id, ...form }, { dpop: await proof() });
    expectError(answer, 401, "invalid_client");
  });

  test.each([
    ["fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails", { exp: -300 }, {}],
    ["fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails", { aud: "https://other.example.com" }, {}],
    ["fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails", { sub: undefined }, {}],
    ["fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails", {}, { alg: "RS256" }],
  ] as [string, { exp?: number }, object][])("module %s", async (_, claims, header) => {
    const at = Math.floor(auth.clock.now() / 1_000);
    const changed = claims.exp === undefined ? claims : { exp: at + claims.exp };
    expectError(await push({}, "", undefined, await assertion(client, changed, header)), 401, "invalid_client");
    expect((await push()).status).toBe(201);
  });

  test("fapi2-security-profile-final-ensure-invalid-client-assertions-fail", async () => {
    const good = await assertion();
    const invalid: Record<string, string>[] = [
      await assertion(client, { iss: "https://evil.example.com" }),
      await assertion(client, { iss: undefined }),
      await assertion(client, { aud: undefined }),
      await assertion(client, { aud: [issuer, "https://other.example.com"] }),
      await assertion(client, { jti: undefined }),
      await assertion(client, { exp: undefined }),
      { ...good, client_assertion: `${good["client_assertion"]!.slice(0, -8)}AAAAAAAA` },
      { ...good, client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:saml2-bearer" },
    ];
    for (const proven of invalid) expectError(await push({}, "", undefined, proven), 401, "invalid_client");
    expect((await push({}, "", undefined, good)).status).toBe(201);
    expectError(await push({}, "", undefined, good), 401, "invalid_client");
  });

  test("fapi2-security-profile-final-check-dpop-proof-nbf-exp", async () => {
    const at = Math.floor(auth.clock.now() / 1_000);
    const { body } = await token(await code(), await proof({ nbf: at - 5, exp: at + 60 }));
    expect((await whoami(body["access_token"], { nbf: at - 5, exp: at + 60 })).status).toBe(200);
  });

  for (const [module, seconds] of [
    ["fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds", -10],
    ["fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds", 10],
  ] as const)
    test(`module ${module}`, async () => {
      const iat = Math.floor(auth.clock.now() / 1_000) + seconds;
      const { code: value } = await answered(await push({}, "", await atPar({ iat })));
      const { body } = await token(value!, await proof({ iat }));
      expect((await whoami(body["access_token"], { iat })).status).toBe(200);
    });

  test("fapi2-security-profile-final-ensure-dpopproof-at-par-endpoint-binding-success", async () => {
    const { code: value } = await answered(await push({}, "", await atPar()));
    expect((await token(value!, await proof())).body["token_type"]).toBe("DPoP");
  });

  test("fapi2-security-profile-final-ensure-dpop-auth-code-binding-success", async () => {
    const { code: value } = await answered(await push({ dpop_jkt: key.jkt }, "", await atPar()));
    expect((await token(value!, await proof())).body["token_type"]).toBe("DPoP");
  });

  test("fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails", async () => {
    const other = await dpopKey(auth.clock);
    expectError(await push({ dpop_jkt: other.jkt }, "", await atPar()), 400, "invalid_request");
  });

  test("fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", async () => {
    const other = await dpopKey(auth.clock);
    const { code: value } = await answered(await push({}, "", await atPar()));
    expectError(await token(value!, await proof({}, other)), 400, "invalid_grant");
  });

  test("fapi2-security-profile-final-ensure-token-endpoint-fails-with-mismatched-dpop-jkt", async () => {
    const other = await dpopKey(auth.clock);
    expectError(await token(await code({ dpop_jkt: other.jkt }), await proof()), 400, "invalid_grant");
  });

  test("fapi2-security-profile-final-par-ensure-pkce-required", async () => {
    expectError(await push({ code_challenge: undefined, code_challenge_method: undefined }), 400, "invalid_request");
  });

  test("fapi2-security-profile-final-ensure-pkce-code-verifier-required", async () => {
    expectError(await token(await code(), await proof(), { code_verifier: "" }), 400, "invalid_grant");
  });

  test("fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected", async () => {
    expectError(await token(await code(), await proof(), { code_verifier: "x".repeat(43) }), 400, "invalid_grant");
  });

  test.each([
    "fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object",
    "fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object",
  ])("module %s", async () => {
    const pushed = await push({ nonce: "inside" });
    const sent = sentTo(await authorize(auth, byUri(pushed, { nonce: "outside", state: "outside" }), ada.cookie));
    expect(sent["state"]).toBe("s-1");
    const { body } = await token(sent["code"]!, await proof());
    expect(claimsOf(body["id_token"])["nonce"]).toBe("inside");
  });

  test("fapi2-security-profile-final-state-only-outside-request-object-not-used", async () => {
    const answer = await authorize(auth, byUri(await push({ state: undefined }), { state: "outside" }), ada.cookie);
    expect(sentTo(answer)).not.toHaveProperty("state");
  });

  test.each([
    "fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails",
    "fapi2-security-profile-final-ensure-redirect-uri-in-authorization-request",
  ])("module %s", async () => {
    expectError(await push({ redirect_uri: undefined }), 400, "invalid_request");
    expect((await push()).status).toBe(201);
  });

  test.each([
    "fapi2-security-profile-final-ensure-registered-redirect-uri",
    "fapi2-security-profile-final-plain-fapi-tolerate-unregistered-redirect-uri",
  ])("module %s", async () => {
    expectError(await push({ redirect_uri: `${redirectUri}/other` }), 400, "invalid_request");
    expect((await push()).status).toBe(201);
  });

  test("fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", async () => {
    const pushed = await push();
    expect((await authorize(auth, byUri(pushed))).headers.get("location")).toContain("/login");
    expect(await answered(pushed)).toHaveProperty("code");
  });

  test("fapi2-security-profile-final-par-attempt-reuse-request_uri", async () => {
    const pushed = await push();
    await answered(pushed);
    expect((await authorize(auth, byUri(pushed), ada.cookie)).status).toBe(400);
  });

  test("fapi2-security-profile-final-par-attempt-to-use-expired-request_uri", async () => {
    const pushed = await push();
    auth.clock.advance(`${Number(pushed.body["expires_in"]) + 1}s`);
    expect((await authorize(auth, byUri(pushed), ada.cookie)).status).toBe(400);
  });

  test("fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client", async () => {
    const other = await newApp(auth);
    expect((await authorize(auth, byUri(await push(), { client_id: other.id }), ada.cookie)).status).toBe(400);
  });

  test("fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param", async () => {
    const { body } = await push();
    expectError(await push({ request_uri: String(body["request_uri"]) }), 400, "invalid_request");
  });

  test("fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails", async () => {
    const answer = await authorize(auth, requestOf(client), ada.cookie);
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
  });

  test.each([
    ["fapi2-security-profile-final-ensure-response-type-code-idtoken-fails", "code id_token"],
    ["fapi2-security-profile-final-ensure-response-type-token-fails", "token"],
  ])("module %s", async (_, response_type) => {
    expectError(await push({ response_type }), 400, "unsupported_response_type");
    expect((await push()).status).toBe(201);
  });
});
