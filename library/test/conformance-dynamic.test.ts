// Modules of the OpenID conformance suite for Dynamic OP, by their names: docs/reference/conformance.md. Every client here has
// registered itself, and proves itself by its key pair where the plan says so.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TestLatchkey } from "latchkey/testing";
import {
  authorize,
  basic,
  challenge,
  expectError,
  get,
  headerOf,
  newPerson,
  oauthHouse,
  post,
  type Reply,
  requestOf,
  type TestPerson,
  verifier,
} from "./oauth-house.ts";

const issuer = "http://localhost:3000";
const redirectUri = "https://rp.example.com/cb";
let auth: TestLatchkey;
let ada: TestPerson;
let server: Server | undefined;
beforeEach(async () => {
  auth = await oauthHouse({ issuer });
  ada = await newPerson(auth, "ada@example.com");
});
afterEach(async () => {
  server?.close();
  server = undefined;
  await auth.close();
});

const register = (metadata: object) => {
  const grants = { grant_types: ["authorization_code", "refresh_token"] };
  return post(auth, "/oauth/register", JSON.stringify({ redirect_uris: [redirectUri], ...grants, ...metadata }), {
    "content-type": "application/json",
  });
};
const clientOf = ({ status, body }: Reply) => {
  expect(status).toBe(201);
  return { id: String(body["client_id"]), secret: String(body["client_secret"]) };
};

/** Where the browser is sent once the person has agreed, now or before. */
async function allowed(request: string): Promise<URL> {
  const asked = await authorize(auth, request, ada.cookie);
  if (asked.status === 303) return new URL(asked.headers.get("location")!);
  const { consent } = asked.body as { consent: { request: string } };
  const headers = { cookie: ada.cookie, origin: issuer };
  const decided = await post(auth, "/oauth/authorize/decision", { request: consent.request, decision: "allow" }, headers);
  return new URL(decided.headers.get("location")!);
}
const codeFor = async (client: { id: string; secret: string }, changes: Record<string, string> = {}) =>
  (await allowed(requestOf(client, { redirect_uri: redirectUri, ...changes }))).searchParams.get("code")!;
const redeem = (code: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  post(
    auth,
    "/oauth/token",
    { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier, ...form },
    headers,
  );
const verified = async (token: unknown) => {
  const keys = (await get(auth, "/.well-known/jwks.json")).body as unknown as JSONWebKeySet;
  return (await jwtVerify(String(token), createLocalJWKSet(keys), { issuer, currentDate: new Date(auth.clock.now()) })).payload;
};

/** A document that the client serves, as it is when it is asked for. Answers its URL. */
async function serve(document: () => unknown): Promise<string> {
  server = createServer((_, response) => response.setHeader("content-type", "application/json").end(JSON.stringify(document())));
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/document.json`;
}

/** A key set that the client serves, and changes when it likes. */
async function servedKeys() {
  let keys: JSONWebKeySet = { keys: [] };
  let sign: (claims: object, typ: string) => Promise<string>;
  const uri = await serve(() => keys);
  let made = 0;
  const rotate = async () => {
    const kid = `k${(made += 1)}`;
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    keys = { keys: [{ ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" }] };
    sign = (claims, typ) => new SignJWT({ ...claims }).setProtectedHeader({ alg: "RS256", kid, typ }).sign(privateKey);
  };
  await rotate();
  let assertions = 0;
  const assertion = async (id: string, aud = issuer) => {
    const at = Math.floor(auth.clock.now() / 1_000);
    return {
      client_assertion: await sign({ iss: id, sub: id, aud, jti: `a${(assertions += 1)}`, iat: at, exp: at + 60 }, "JWT"),
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    };
  };
  return {
    uri,
    rotate,
    assertion,
    sign: (claims: object) => sign(claims, "oauth-authz-req+jwt"),
  };
}
const byKey = async () => {
  const keys = await servedKeys();
  const client = clientOf(await register({ token_endpoint_auth_method: "private_key_jwt", jwks_uri: keys.uri }));
  return { keys, client };
};

describe("OpenID Connect Dynamic OP", () => {
  test("the metadata offers registration (oidcc-discovery-endpoint-verification)", async () => {
    const { body } = await get(auth, "/.well-known/openid-configuration");
    expect(body["registration_endpoint"]).toBe(`${issuer}/oauth/register`);
  });

  test("oidcc-server, of a client that registered itself", async () => {
    const { keys, client } = await byKey();
    const { body } = await redeem(await codeFor(client, { nonce: "n-1" }), await keys.assertion(client.id));
    expect(await verified(body["id_token"])).toMatchObject({ sub: ada.id, aud: client.id, nonce: "n-1" });
  });

  test.each(["oidcc-registration-jwks-uri", "oidcc-ensure-client-assertion-with-iss-aud-succeeds"])("module %s", async () => {
    const { keys, client } = await byKey();
    for (const aud of [issuer, `${issuer}/oauth/token`])
      expect((await redeem(await codeFor(client), await keys.assertion(client.id, aud))).status).toBe(200);
  });

  test("oidcc-refresh-token-rp-key-rotation", async () => {
    const { keys, client } = await byKey();
    const first = await redeem(await codeFor(client, { scope: "openid offline_access" }), await keys.assertion(client.id));
    await keys.rotate();
    auth.clock.advance("1m");
    const form = { grant_type: "refresh_token", refresh_token: String(first.body["refresh_token"]) };
    const next = await post(auth, "/oauth/token", { ...form, ...(await keys.assertion(client.id)) });
    expect(next).toMatchObject({ status: 200, body: { refresh_token: expect.any(String) } });
  });

  test("oidcc-refresh-token, of a client that registered itself", async () => {
    const client = clientOf(await register({}));
    const other = clientOf(await register({}));
    const { body } = await redeem(await codeFor(client, { scope: "openid offline_access" }), {}, { authorization: basic(client) });
    const form = { grant_type: "refresh_token", refresh_token: String(body["refresh_token"]) };
    expectError(await post(auth, "/oauth/token", form, { authorization: basic(other) }), 400, "invalid_grant");
    expect((await post(auth, "/oauth/token", form, { authorization: basic(client) })).status).toBe(200);
  });

  test("oidcc-idtoken-rs256", async () => {
    const client = clientOf(await register({ id_token_signed_response_alg: "RS256" }));
    const { body } = await redeem(await codeFor(client), {}, { authorization: basic(client) });
    expect(headerOf(body["id_token"])["alg"]).toBe("RS256");
    expect(await verified(body["id_token"])).toMatchObject({ sub: ada.id });
  });

  test("oidcc-userinfo-rs256", async () => {
    const client = clientOf(await register({ userinfo_signed_response_alg: "RS256" }));
    const { body } = await redeem(await codeFor(client), {}, { authorization: basic(client) });
    const answer = await get(auth, "/oauth/userinfo", { authorization: `Bearer ${String(body["access_token"])}` });
    expect(answer.headers.get("content-type")).toBe("application/jwt");
    expect(headerOf(answer.text)["alg"]).toBe("RS256");
    expect(await verified(answer.text)).toMatchObject({ sub: ada.id, aud: client.id });
  });

  test("oidcc-idtoken-unsigned", async () => {
    // Not offered: the module is skipped.
    expectError(await register({ id_token_signed_response_alg: "none" }), 400, "invalid_client_metadata");
  });

  test("oidcc-redirect-uri-query-OK", async () => {
    const uri = `${redirectUri}?foo=bar`;
    const client = clientOf(await register({ redirect_uris: [uri] }));
    const { searchParams } = await allowed(requestOf(client, { redirect_uri: uri }));
    expect({ foo: searchParams.getAll("foo"), code: searchParams.has("code") }).toEqual({ foo: ["bar"], code: true });
  });

  test.each([
    ["oidcc-redirect-uri-query-added", redirectUri, `${redirectUri}?foo=bar`],
    ["oidcc-redirect-uri-query-mismatch", `${redirectUri}?foo=bar`, `${redirectUri}?bar=foo`],
  ])("module %s", async (_, registered, asked) => {
    const client = clientOf(await register({ redirect_uris: [registered] }));
    const answer = await authorize(auth, requestOf(client, { redirect_uri: asked }), ada.cookie);
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
  });

  test("oidcc-redirect-uri-regfrag", async () => {
    expectError(await register({ redirect_uris: [`${redirectUri}#foo`] }), 400, "invalid_redirect_uri");
    expect((await register({})).status).toBe(201);
  });

  test("oidcc-ensure-redirect-uri-in-authorization-request", async () => {
    const client = clientOf(await register({}));
    const answer = await authorize(auth, requestOf(client, { redirect_uri: undefined }), ada.cookie);
    expect({ status: answer.status, location: answer.headers.get("location") }).toEqual({ status: 400, location: null });
  });

  test("oidcc-ensure-request-object-with-redirect-uri, of a client that registered itself", async () => {
    const { keys, client } = await byKey();
    const at = Math.floor(auth.clock.now() / 1_000);
    const inside = { response_type: "code", client_id: client.id, redirect_uri: redirectUri, scope: "openid" };
    const request = await keys.sign({ ...inside, code_challenge: challenge, code_challenge_method: "S256", aud: issuer, exp: at + 60 });
    const outside = { client_id: client.id, response_type: "code", scope: "openid", redirect_uri: `${redirectUri}/other`, request };
    expect((await allowed(new URLSearchParams(outside).toString())).href).toMatch(/^https:\/\/rp\.example\.com\/cb\?code=/);
  });

  test.each([
    ["oidcc-registration-logo-uri", "logo_uri"],
    ["oidcc-registration-policy-uri", "policy_uri"],
    ["oidcc-registration-tos-uri", "tos_uri"],
  ])("module %s", async (_, member) => {
    const answer = await register({ [member]: "https://rp.example.com/it" });
    expect(answer).toMatchObject({ status: 201, body: { [member]: "https://rp.example.com/it" } });
  });

  test("oidcc-registration-sector-uri", async () => {
    const sector_identifier_uri = await serve(() => [redirectUri]);
    const client = clientOf(await register({ subject_type: "pairwise", sector_identifier_uri }));
    const { body } = await redeem(await codeFor(client), {}, { authorization: basic(client) });
    expect((await verified(body["id_token"])).sub).not.toBe(ada.id);
  });

  test("oidcc-registration-sector-bad", async () => {
    const sector_identifier_uri = await serve(() => ["https://other.example.com/cb"]);
    expectError(await register({ subject_type: "pairwise", sector_identifier_uri }), 400, "invalid_client_metadata");
  });

  test.each(["oidcc-request-uri-unsigned", "oidcc-request-uri-signed-rs256"])("module %s", async () => {
    // Not offered, and the metadata says so: the module is skipped.
    expect((await get(auth, "/.well-known/openid-configuration")).body["request_uri_parameter_supported"]).toBe(false);
    const client = clientOf(await register({}));
    const request = requestOf(client, { redirect_uri: redirectUri, request_uri: "https://rp.example.com/request.jwt" });
    expect((await authorize(auth, request, ada.cookie)).body["code"]).toBe("oauth.request-uri-not-supported");
  });

  test("oidcc-server-rotate-keys", async () => {
    const client = clientOf(await register({}));
    const idToken = async () => (await redeem(await codeFor(client), {}, { authorization: basic(client) })).body["id_token"];
    const before = await idToken();
    await auth.signingKeys.rotate();
    const kids = async () => ((await get(auth, "/.well-known/jwks.json")).body["keys"] as { kid: string }[]).map(({ kid }) => kid);
    expect(new Set(await kids()).size).toBe(2);
    auth.clock.advance("15m");
    ada = { ...ada, cookie: (await auth.sessions.create({ user: ada.id, amr: ["pwd"] })).cookie.split(";", 1)[0]! };
    const after = await idToken();
    expect(headerOf(after)["kid"]).not.toBe(headerOf(before)["kid"]);
    expect(await kids()).toContain(headerOf(after)["kid"]);
    expect(await verified(after)).toMatchObject({ sub: ada.id });
  });
});
