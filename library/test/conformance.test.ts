// Modules of the OpenID conformance suite for Basic OP, Config OP and RP-initiated logout, by their names, as far as they can be
// mirrored without it: docs/reference/conformance.md.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, jwtVerify, SignJWT, UnsecuredJWT, createLocalJWKSet, type JSONWebKeySet } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { ada, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  authorize,
  basic,
  codeOf,
  expectError,
  get,
  issuer,
  newApp,
  newPerson,
  post,
  redeem,
  redirectUri,
  type Reply,
  requestOf,
  sentTo,
  signedIn,
  type TestClient,
  verifier,
} from "./oauth-house.ts";

const name = { name: "Ada Lovelace", given_name: "Ada", locale: "en" };
eachInAHouse({ ada: name });

const claims = async (answer: Reply) => {
  const keys = (await get(auth, "/.well-known/jwks.json")).body as unknown as JSONWebKeySet;
  const options = { issuer, currentDate: new Date(auth.clock.now()) };
  return (await jwtVerify(String(answer.body["id_token"]), createLocalJWKSet(keys), options)).payload;
};
const userinfo = ({ body }: Reply) => get(auth, "/oauth/userinfo", { authorization: `Bearer ${String(body["access_token"])}` });

describe("OpenID Connect Basic OP", () => {
  let app: TestClient;
  beforeEach(async () => {
    app = await newApp(auth);
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
    const first = await claims(await tokens());
    const asked = await authorize(auth, requestOf(app, { prompt: "login" }), ada.cookie);
    const back = new URL(asked.headers.get("location")!).searchParams.get("return")!;
    auth.clock.advance("2s");
    const { code } = sentTo(await get(auth, back, { cookie: await signedIn(auth, ada.id) }));
    expect((await claims(await redeem(auth, app, code!)))["auth_time"]).toBe(Number(first["auth_time"]) + 2);
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

  const tokens = async (changes: Record<string, string | undefined> = {}) => redeem(auth, app, await codeOf(auth, app, ada, changes));

  test("oidcc-server", async () => {
    const answer = await tokens({ nonce: "n-1" });
    expect(answer.body).toMatchObject({ token_type: "Bearer", expires_in: expect.any(Number) });
    expect(await claims(answer)).toMatchObject({ iss: issuer, sub: ada.id, aud: app.id, nonce: "n-1", exp: expect.any(Number) });
    expect((await userinfo(answer)).body["sub"]).toBe(ada.id);
  });

  test("oidcc-server-client-secret-post", async () => {
    app = await newApp(auth, { authentication: "client_secret_post" });
    const form = {
      grant_type: "authorization_code",
      code: await codeOf(auth, app, ada),
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    const answer = await post(auth, "/oauth/token", { client_id: app.id, client_secret: app.secret, ...form });
    expect(await claims(answer)).toMatchObject({ sub: ada.id });
  });

  test("oidcc-response-type-missing", async () => {
    const answer = await authorize(auth, requestOf(app, { response_type: undefined }), ada.cookie);
    expect(sentTo(answer)).toMatchObject({ error: "invalid_request", state: "s-1", iss: issuer });
  });

  test("oidcc-idtoken-signature", async () => {
    const answer = await tokens();
    const keys = (await get(auth, "/.well-known/jwks.json")).body as { keys: { kid: string }[] };
    const { kid } = JSON.parse(Buffer.from(String(answer.body["id_token"]).split(".")[0]!, "base64url").toString()) as { kid: string };
    expect(keys.keys.map((key) => key.kid)).toContain(kid);
    expect(await claims(answer)).toMatchObject({ at_hash: expect.any(String) });
  });

  test("oidcc-idtoken-unsigned", async () => {
    // Not offered: the module is skipped.
    await expect(newApp(auth, { idTokenAlgorithm: "none" as never })).rejects.toThrow("idTokenAlgorithm");
    const { body } = await get(auth, "/.well-known/openid-configuration");
    expect(body["id_token_signing_alg_values_supported"]).not.toContain("none");
  });

  test("oidcc-userinfo-get", async () => {
    expect(await userinfo(await tokens())).toMatchObject({ status: 200, body: { sub: ada.id } });
  });

  test("oidcc-userinfo-post-header", async () => {
    const { body } = await tokens();
    const headers = { authorization: `Bearer ${String(body["access_token"])}` };
    expect(await post(auth, "/oauth/userinfo", "", headers)).toMatchObject({ status: 200, body: { sub: ada.id } });
  });

  test("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", async () => {
    expect(await claims(await tokens({ nonce: undefined }))).not.toHaveProperty("nonce");
  });

  test("oidcc-scope-profile", async () => {
    expect((await userinfo(await tokens({ scope: "openid profile" }))).body).toMatchObject(name);
  });

  test("oidcc-scope-email", async () => {
    expect((await userinfo(await tokens({ scope: "openid email" }))).body).toEqual({ sub: ada.id, email: ada.email, email_verified: true });
  });

  test.each(["oidcc-scope-address", "oidcc-scope-phone"])("module %s", async (module) => {
    // Not offered: the module is skipped.
    const { body } = await get(auth, "/.well-known/openid-configuration");
    expect(body["scopes_supported"]).not.toContain(module.slice(12));
  });

  test("oidcc-scope-all", async () => {
    const { body } = await userinfo(await tokens({ scope: "openid profile email" }));
    expect(body).toMatchObject({ ...name, email: ada.email });
  });

  test("oidcc-ensure-other-scope-order-succeeds", async () => {
    expect(await claims(await tokens({ scope: "email openid" }))).toMatchObject({ sub: ada.id });
  });

  test("oidcc-claims-essential", async () => {
    const asked = JSON.stringify({ userinfo: { name: { essential: true } } });
    expect((await userinfo(await tokens({ scope: "openid profile", claims: asked }))).body["name"]).toBe(name.name);
  });

  test.each([
    ["oidcc-display-page", { display: "page" }],
    ["oidcc-display-popup", { display: "popup" }],
    ["oidcc-ui-locales", { ui_locales: "se" }],
    ["oidcc-claims-locales", { claims_locales: "se" }],
    ["oidcc-ensure-request-with-acr-values-succeeds", { acr_values: "1 2" }],
    ["oidcc-ensure-request-with-unknown-parameter-succeeds", { extra: "foobar" }],
    ["oidcc-alternate-happy-flow", { response_mode: "query", nonce: "n-1" }],
    ["oidcc-max-age-10000", { max_age: "10000" }],
  ] as [string, Record<string, string>][])("module %s", async (_, changes) => {
    expect(await claims(await tokens(changes))).toMatchObject({ sub: ada.id, auth_time: expect.any(Number) });
  });

  test("oidcc-prompt-none-logged-in", async () => {
    const [first, again] = [await claims(await tokens()), await claims(await tokens({ prompt: "none" }))];
    expect([again["sub"], again["auth_time"]]).toEqual([first["sub"], first["auth_time"]]);
  });

  test("oidcc-id-token-hint", async () => {
    const { body } = await tokens();
    const hinted = { prompt: "none", id_token_hint: String(body["id_token"]) };
    expect((await claims(await tokens(hinted)))["sub"]).toBe(ada.id);
    const bob = await newPerson(auth, "bob@example.com");
    expect(sentTo(await authorize(auth, requestOf(app, hinted), bob.cookie))["error"]).toBe("login_required");
  });

  test("oidcc-login-hint", async () => {
    const answer = await authorize(auth, requestOf(app, { login_hint: "bob@example.com" }));
    expect(answer.headers.get("location")).toContain("email=bob%40example.com");
  });

  test("oidcc-ensure-post-request-succeeds", async () => {
    const posted = await post(auth, "/oauth/authorize", requestOf(app));
    const next = new URL(posted.headers.get("location")!);
    expect(sentTo(await get(auth, `${next.pathname}${next.search}`, { cookie: ada.cookie }))).toHaveProperty("code");
  });

  test("oidcc-ensure-request-with-valid-pkce-succeeds", async () => {
    expect(sentTo(await authorize(auth, requestOf(app), ada.cookie))).toMatchObject({ iss: issuer, code: expect.any(String) });
  });

  test("oidcc-ensure-request-object-with-redirect-uri", async () => {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    app = await newApp(auth, { jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "RS256" }] } });
    const at = Math.floor(auth.clock.now() / 1_000);
    const all = { ...Object.fromEntries(new URLSearchParams(requestOf(app))), iss: app.id, aud: issuer, exp: at + 60 };
    const request = await new SignJWT(all).setProtectedHeader({ alg: "RS256", kid: "k1", typ: "oauth-authz-req+jwt" }).sign(privateKey);
    const sent = new URLSearchParams({
      client_id: app.id,
      response_type: "code",
      scope: "openid",
      redirect_uri: `${redirectUri}/x`,
      request,
    });
    expect(sentTo(await authorize(auth, sent.toString(), ada.cookie))).toHaveProperty("code");
  });

  test.each([
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
  ])("module %s", async (module) => {
    // Rejected.
    const request = new UnsecuredJWT({ client_id: app.id, response_type: "code", redirect_uri: redirectUri, scope: "openid" }).encode();
    const how: Record<string, string> = module.includes("request-uri") ? { request_uri: "https://app.example.com/request" } : { request };
    const answer = await authorize(auth, requestOf(app, how), ada.cookie);
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
    expect(answer.body["code"]).toMatch(/^oauth\.(?:invalid-request-object|request-uri-not-supported)$/);
  });

  test("oidcc-refresh-token", async () => {
    const other = await newApp(auth);
    const first = await tokens({ scope: "openid offline_access" });
    const form = { grant_type: "refresh_token", refresh_token: String(first.body["refresh_token"]) };
    expectError(await post(auth, "/oauth/token", form, { authorization: basic(other) }), 400, "invalid_grant");
    const next = await post(auth, "/oauth/token", form, { authorization: basic(app) });
    const [before, after] = [await claims(first), await claims(next)];
    expect([after["sub"], after["aud"], after["iss"], after["auth_time"]]).toEqual([
      before["sub"],
      before["aud"],
      before["iss"],
      before["auth_time"],
    ]);
    expect((await userinfo(next)).status).toBe(200);
  });
});

describe("OpenID Connect Config OP", () => {
  test("oidcc-discovery-endpoint-verification", async () => {
    const { status, headers, body } = await get(auth, "/.well-known/openid-configuration");
    expect({ status, type: headers.get("content-type") }).toEqual({ status: 200, type: "application/json" });
    expect(body).toMatchObject({
      issuer,
      subject_types_supported: expect.arrayContaining(["public"]),
      id_token_signing_alg_values_supported: expect.arrayContaining(["RS256"]),
      response_types_supported: ["code"],
      grant_types_supported: expect.arrayContaining(["authorization_code"]),
      scopes_supported: expect.arrayContaining(["openid"]),
      claims_supported: expect.arrayContaining(["sub"]),
      claims_parameter_supported: true,
      request_uri_parameter_supported: false,
    });
    for (const endpoint of ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"])
      expect(String(body[endpoint])).toMatch(/^https:\/\//);
    const { keys } = (await get(auth, "/.well-known/jwks.json")).body as { keys: Record<string, unknown>[] };
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    // Only public members.
    for (const key of keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(?:d|p|q|dp|dq|qi|k)$/)]));
  });
});

describe("OpenID Connect RP-Initiated Logout", () => {
  const after = "https://app.example.com/bye";
  let app: TestClient;
  let hint: string;
  beforeEach(async () => {
    app = await newApp(auth, { metadata: { post_logout_redirect_uris: [after] } });
    hint = String((await redeem(auth, app, await codeOf(auth, app, ada))).body["id_token"]);
  });
  const logout = (parameters: Record<string, string>) =>
    get(auth, `/oauth/logout?${new URLSearchParams(parameters).toString()}`, { cookie: ada.cookie });
  const isSignedIn = async () => (await get(auth, "/whoami", { cookie: ada.cookie })).status === 200;

  test("oidcc-rp-initiated-logout-discovery-endpoint-verification", async () => {
    const { body } = await get(auth, "/.well-known/openid-configuration");
    expect(body["end_session_endpoint"]).toBe(`${issuer}/oauth/logout`);
  });

  test.each([
    ["oidcc-rp-initiated-logout", { post_logout_redirect_uri: after, state: "s" }, `${after}?state=s`],
    ["oidcc-rp-initiated-logout-no-state", { post_logout_redirect_uri: after }, after],
    ["oidcc-rp-initiated-logout-no-post-logout-redirect-uri", { state: "s" }, `${issuer}/login`],
  ] as [string, Record<string, string>, string][])("module %s", async (_, parameters, location) => {
    const answer = await logout({ id_token_hint: hint, ...parameters });
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 303, location });
    expect(await isSignedIn()).toBe(false);
    expect(sentTo(await authorize(auth, requestOf(app, { prompt: "none" }), ada.cookie))["error"]).toBe("login_required");
  });

  test.each([
    ["oidcc-rp-initiated-logout-no-params", {}],
    ["oidcc-rp-initiated-logout-only-state", { state: "s" }],
    ["oidcc-rp-initiated-logout-no-id-token-hint", { post_logout_redirect_uri: after, state: "s" }],
  ] as [string, Record<string, string>][])("module %s", async (_, parameters) => {
    // The person is asked.
    const answer = await logout(parameters);
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 200, location: null });
    expect(await isSignedIn()).toBe(true);
  });

  test.each([
    ["oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", () => ({ post_logout_redirect_uri: "https://app.example.com/" })],
    ["oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", () => ({ post_logout_redirect_uri: `${after}?foo=bar` })],
    ["oidcc-rp-initiated-logout-modified-id-token-hint", () => ({ id_token_hint: `${hint.slice(0, -8)}AAAAAAAA` })],
    ["oidcc-rp-initiated-logout-bad-id-token-hint", () => ({ id_token_hint: "x" })],
  ] as [string, () => Record<string, string>][])("module %s", async (_, change) => {
    const answer = await logout({ id_token_hint: hint, post_logout_redirect_uri: after, ...change() });
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
    expect(await isSignedIn()).toBe(true);
  });
});

test("the table of the reference names every module that is mirrored, and no other [attack:ID-02]", () => {
  const names = (text: string) => text.matchAll(/\b(?:oidcc|fapi2-security-profile-final)-[\w-]*\w/g);
  const mirrored = ["conformance", "conformance-dynamic", "conformance-fapi2"].flatMap((file) => [
    ...names(readFileSync(join(import.meta.dirname, `${file}.test.ts`), "utf8")),
  ]);
  const table = readFileSync(join(import.meta.dirname, "../../docs/reference/conformance.md"), "utf8");
  const listed = [...table.matchAll(/^\|.*$/gm)].flatMap(([row]) => [...names(row)]);
  const sorted = (found: readonly RegExpMatchArray[]) => [...new Set(found.map(([module]) => module))].toSorted();
  expect(sorted(listed)).toEqual(sorted(mirrored));
});
