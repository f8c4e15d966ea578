// openid-client against a real server: every way in which its clients prove themselves, and what only some of them use. Its whole flow
// against the built server, beside that of other libraries, is server/test/client-libraries.test.ts.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as openid from "openid-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientOptions } from "latchkey";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { systemClock } from "../src/contracts/index.ts";
import { weakPasswords } from "./accounts-house.ts";
import { claimsOf, newPerson, type TestPerson } from "./oauth-house.ts";

let server: Server;
let auth: TestLatchkey;
let issuer: string;
let ada: TestPerson;
const redirect_uri = "http://127.0.0.1:9/cb";
const insecure = { execute: [openid.allowInsecureRequests] };

beforeAll(async () => {
  server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // These clients look at the machine's clock.
  const clock = { ...systemClock, advance: () => undefined, set: () => undefined } as unknown as TestLatchkey["clock"];
  auth = await testLatchkey({ issuer, passwords: weakPasswords, clock });
  ada = await newPerson(auth, "ada@example.com");
  const handler = mount(auth);
});
afterAll(async () => {
  server.close();
  await auth.close();
});

const keyPair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1", alg: "ES256", use: "sig" }] } };
};
const imported = (key: KeyObject) =>
  crypto.subtle.importKey(
    "pkcs8",
    createPrivateKey(key.export({ type: "pkcs8", format: "pem" })).export({ type: "pkcs8", format: "der" }),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign"],
  );

const ways = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"] as const;
/** A client of ours, unless it is said otherwise, and what openid-client knows of it. */
const configOf = async (options: Partial<ClientOptions> = {}, way: (typeof ways)[number] = "client_secret_basic") => {
  const { privateKey, jwks } = keyPair();
  const base = { name: "App", grants: ["authorization_code", "refresh_token"], redirectUris: [redirect_uri], firstParty: true };
  const keys = way === "private_key_jwt" ? { jwks } : {};
  const { client, secret = "" } = await auth.clients.create({ ...base, authentication: way, ...keys, ...options });
  const proof = {
    client_secret_basic: openid.ClientSecretBasic(secret || "-"),
    client_secret_post: openid.ClientSecretPost(secret || "-"),
    private_key_jwt: openid.PrivateKeyJwt({ key: await imported(privateKey), kid: "k1" }),
    none: openid.None(),
  }[way];
  const metadata = {
    id_token_signed_response_alg: options.idTokenAlgorithm ?? "ES256",
    ...(options.userinfoAlgorithm === undefined ? {} : { userinfo_signed_response_alg: options.userinfoAlgorithm }),
  };
  return openid.discovery(new URL(issuer), client.id, metadata, proof, insecure);
};
/** What a browser does in which Ada is signed in; consents where she is asked. */
const visit = async (url: URL): Promise<URL> => {
  const answer = await fetch(url, { redirect: "manual", headers: { cookie: ada.cookie } });
  if (answer.status === 303) return new URL(answer.headers.get("location")!);
  const { consent } = (await answer.json()) as { consent: { request: string } };
  const decided = await fetch(`${issuer}/oauth/authorize/decision`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: ada.cookie, origin: issuer },
    body: new URLSearchParams({ request: consent.request, decision: "allow" }),
  });
  return new URL(decided.headers.get("location")!);
};
const withPkce = async () => {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const code_challenge = await openid.calculatePKCECodeChallenge(pkceCodeVerifier);
  const parameters = { redirect_uri, scope: "openid", code_challenge, code_challenge_method: "S256" };
  return { parameters, checks: { pkceCodeVerifier, idTokenExpected: true } };
};

for (const way of ways)
  test(`signs somebody in, reads userinfo, refreshes, introspects and revokes, authenticated by ${way}`, async () => {
    const config = await configOf({}, way);
    const { parameters, checks } = await withPkce();
    const [expectedNonce, expectedState] = [openid.randomNonce(), openid.randomState()];
    const asked = { ...parameters, scope: "openid email offline_access", nonce: expectedNonce, state: expectedState };
    const back = await visit(openid.buildAuthorizationUrl(config, asked));
    const tokens = await openid.authorizationCodeGrant(config, back, { ...checks, expectedNonce, expectedState });
    expect(tokens.claims()).toMatchObject({ iss: issuer, sub: ada.id });
    expect(await openid.fetchUserInfo(config, tokens.access_token, ada.id)).toEqual({
      sub: ada.id,
      email: ada.email,
      email_verified: true,
    });
    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    // A client that proves nothing hears nothing of tokens.
    const active = async () => (way === "none" ? "not told" : (await openid.tokenIntrospection(config, refreshed.access_token)).active);
    expect(await active()).toBe(way === "none" ? "not told" : true);
    await openid.tokenRevocation(config, refreshed.access_token);
    expect(await active()).toBe(way === "none" ? "not told" : false);
    await expect(openid.fetchUserInfo(config, refreshed.access_token, ada.id)).rejects.toMatchObject({ status: 401 });
  });

for (const way of ways.slice(0, 3))
  test(`gets a token in the client's own name, authenticated by ${way}`, async () => {
    const config = await configOf({ grants: ["client_credentials"], redirectUris: [], scopes: ["posts:read"] }, way);
    const tokens = await openid.clientCredentialsGrant(config, { scope: "posts:read" });
    expect(tokens).toMatchObject({ token_type: "bearer", scope: "posts:read" });
  });

test("verifies ID tokens and userinfo that are signed with RS256", async () => {
  const config = await configOf({ idTokenAlgorithm: "RS256", userinfoAlgorithm: "RS256" });
  const { parameters, checks } = await withPkce();
  const tokens = await openid.authorizationCodeGrant(config, await visit(openid.buildAuthorizationUrl(config, parameters)), checks);
  expect(tokens.claims()?.sub).toBe(ada.id);
  expect(await openid.fetchUserInfo(config, tokens.access_token, ada.id)).toMatchObject({ sub: ada.id, aud: tokens.claims()?.aud });
});

test("is told what went wrong", async () => {
  const config = await configOf();
  const { parameters } = await withPkce();
  const url = openid.buildAuthorizationUrl(config, { ...parameters, code_challenge: "x", state: "s" });
  await expect(openid.authorizationCodeGrant(config, await visit(url), { expectedState: "s" })).rejects.toMatchObject({
    error: "invalid_request",
  });
});

test("registers itself and signs somebody in, who is asked for consent", async () => {
  const grant_types = ["authorization_code", "refresh_token"];
  // Where nothing else is said, openid-client sends its secret in the body.
  const way = { token_endpoint_auth_method: "client_secret_post" };
  const metadata = { client_name: "Stranger", redirect_uris: [redirect_uri], grant_types, ...way };
  const config = await openid.dynamicClientRegistration(new URL(issuer), metadata, undefined, insecure);
  const { parameters, checks } = await withPkce();
  const tokens = await openid.authorizationCodeGrant(config, await visit(openid.buildAuthorizationUrl(config, parameters)), checks);
  expect(tokens.claims()).toMatchObject({ iss: issuer, sub: ada.id });
});

test("pushes its request, and is bound to its key from there to the API and the next tokens", async () => {
  const config = await configOf();
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
  const { parameters, checks } = await withPkce();
  const url = await openid.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
  expect([...url.searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"]);
  const tokens = await openid.authorizationCodeGrant(config, await visit(url), checks, {}, { DPoP });
  expect(tokens.token_type).toBe("dpop");
  expect(claimsOf(tokens.access_token)["cnf"]).toEqual({ jkt: await DPoP.calculateThumbprint() });
  const whoami = new URL(`${issuer}/whoami`);
  const answer = await openid.fetchProtectedResource(config, tokens.access_token, whoami, "GET", undefined, undefined, { DPoP });
  expect(await answer.json()).toMatchObject({ subject: ada.id });
  expect((await fetch(whoami, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status).toBe(401);
  const next = await openid.refreshTokenGrant(config, tokens.refresh_token!, {}, { DPoP });
  expect(next.token_type).toBe("dpop");
});

test("answers a server that asks for nonces", async () => {
  const strict = await testLatchkey({ issuer, passwords: weakPasswords, clock: auth.clock, dpop: { requireNonce: true } });
  const other = createServer(mount(strict));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { client, secret } = await strict.clients.create({ name: "Worker", grants: ["client_credentials"] });
  const port = (other.address() as AddressInfo).port;
  // The same metadata, whose token endpoint is the strict one behind another port.
  const config = await openid.discovery(new URL(issuer), client.id, {}, openid.ClientSecretBasic(secret), {
    ...insecure,
    [openid.customFetch]: (url, init) => fetch(url.replace(issuer, `http://127.0.0.1:${port}`), init),
  });
  const DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair());
  expect((await openid.clientCredentialsGrant(config, {}, { DPoP })).token_type).toBe("dpop");
  other.close();
  await strict.close();
});

test("signs its request", async () => {
  const { publicKey, privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", publicKey);
  const config = await configOf({ jwks: { keys: [{ kty: jwk.kty, crv: jwk.crv, x: jwk.x, y: jwk.y, kid: "k1", alg: "ES256" }] } });
  const { parameters, checks } = await withPkce();
  const url = await openid.buildAuthorizationUrlWithJAR(config, parameters, { key: privateKey, kid: "k1" });
  expect(url.searchParams.has("request")).toBe(true);
  expect((await openid.authorizationCodeGrant(config, await visit(url), checks)).claims()).toMatchObject({ sub: ada.id });
});

test("is a device", async () => {
  const config = await configOf({ grants: ["urn:ietf:params:oauth:grant-type:device_code"], redirectUris: [], scopes: ["openid"] });
  const started = await openid.initiateDeviceAuthorization(config, { scope: "openid" });
  await fetch(`${issuer}/device`, {
    method: "POST",
    headers: { cookie: ada.cookie, origin: issuer },
    body: new URLSearchParams({ user_code: started.user_code, decision: "allow" }),
  });
  const tokens = await openid.pollDeviceAuthorizationGrant(config, { ...started, interval: 0 });
  expect(tokens.claims()).toMatchObject({ sub: ada.id });
});

test("exchanges a token for one of its own", async () => {
  const type = "urn:ietf:params:oauth:grant-type:token-exchange";
  const config = await configOf({ grants: [type], redirectUris: [], scopes: ["posts:read"] });
  const { token } = await auth.tokens.issue({ subject: ada.id, scopes: ["posts:read"] });
  const tokens = await openid.genericGrantRequest(config, type, {
    subject_token: token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  });
  expect(claimsOf(tokens.access_token)).toMatchObject({ sub: ada.id, scope: "posts:read" });
});
