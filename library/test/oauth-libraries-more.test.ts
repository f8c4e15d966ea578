// openid-client against a real server, for what only some clients use: registration, DPoP, pushed and signed requests, devices.
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

const configOf = async (options: Partial<ClientOptions> = {}) => {
  const base = { name: "App", grants: ["authorization_code", "refresh_token"], redirectUris: [redirect_uri], firstParty: true };
  const { client, secret = "" } = await auth.clients.create({ ...base, ...options });
  return openid.discovery(
    new URL(issuer),
    client.id,
    { id_token_signed_response_alg: "ES256" },
    openid.ClientSecretBasic(secret || "-"),
    insecure,
  );
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
