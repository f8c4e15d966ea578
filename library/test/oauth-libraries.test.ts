// Clients that others wrote, against a real server: what they refuse is wrong here.
import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { AuthorizationCode, ClientCredentials, type ModuleOptions } from "simple-oauth2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientOptions } from "latchkey";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { systemClock } from "../src/contracts/index.ts";
import { weakPasswords } from "./accounts-house.ts";
import { newPerson, type TestPerson } from "./oauth-house.ts";

let server: Server;
let auth: TestLatchkey;
let issuer: string;
let ada: TestPerson;
const redirectUri = "http://127.0.0.1:9/cb";

beforeAll(async () => {
  server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // These clients look at the machine's clock.
  const clock = { ...systemClock, advance: () => undefined, set: () => undefined } as unknown as TestLatchkey["clock"];
  auth = await testLatchkey({ issuer, passwords: weakPasswords, clock });
  ada = await newPerson(auth, "ada@example.com", { name: "Ada" });
  const handler = mount(auth);
});
afterAll(async () => {
  server.close();
  await auth.close();
});

const clientOf = async (options: Partial<ClientOptions> = {}) => {
  const grants = ["authorization_code", "refresh_token", "client_credentials"];
  const scopes = ["openid", "profile", "email", "offline_access", "posts:read"];
  const base = {
    name: "App",
    grants: options.authentication === "none" ? grants.slice(0, 2) : grants,
    scopes,
    redirectUris: [redirectUri],
    firstParty: true,
  };
  const { client, secret = "" } = await auth.clients.create({ ...base, ...options });
  return { id: client.id, secret };
};
/** What a browser does in which Ada is signed in: follows one redirect. */
const visit = async (url: string | URL) => {
  const answer = await fetch(url, { redirect: "manual", headers: { cookie: ada.cookie } });
  return new URL(answer.headers.get("location")!);
};
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

describe("openid-client 6", () => {
  const discovered = async (way: (typeof ways)[number], options: Partial<ClientOptions> = {}) => {
    const { privateKey, jwks } = keyPair();
    const client = await clientOf({ authentication: way, ...(way === "private_key_jwt" ? { jwks } : {}), ...options });
    const proof = {
      client_secret_basic: openid.ClientSecretBasic(client.secret || "none"),
      client_secret_post: openid.ClientSecretPost(client.secret || "none"),
      private_key_jwt: openid.PrivateKeyJwt({ key: await imported(privateKey), kid: "k1" }),
      none: openid.None(),
    }[way];
    const metadata =
      options.idTokenAlgorithm === "RS256" ? { id_token_signed_response_alg: "RS256" } : { id_token_signed_response_alg: "ES256" };
    return openid.discovery(new URL(issuer), client.id, metadata, proof, { execute: [openid.allowInsecureRequests] });
  };

  for (const way of ways)
    test(`signs somebody in, reads userinfo, refreshes, introspects and revokes, authenticated by ${way}`, async () => {
      const config = await discovered(way);
      const pkceCodeVerifier = openid.randomPKCECodeVerifier();
      const [expectedNonce, expectedState] = [openid.randomNonce(), openid.randomState()];
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: "openid email offline_access",
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
        nonce: expectedNonce,
        state: expectedState,
      });
      const tokens = await openid.authorizationCodeGrant(config, await visit(url), {
        pkceCodeVerifier,
        expectedNonce,
        expectedState,
        idTokenExpected: true,
      });
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
      const tokens = await openid.clientCredentialsGrant(await discovered(way), { scope: "posts:read" });
      expect(tokens).toMatchObject({ token_type: "bearer", scope: "posts:read" });
    });

  test("verifies ID tokens that are signed with RS256, and userinfo that is signed", async () => {
    const config = await discovered("client_secret_basic", { idTokenAlgorithm: "RS256" });
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: "openid",
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: "S256",
    });
    const tokens = await openid.authorizationCodeGrant(config, await visit(url), { pkceCodeVerifier, idTokenExpected: true });
    expect(tokens.claims()?.sub).toBe(ada.id);
  });

  test("is told what went wrong", async () => {
    const config = await discovered("client_secret_basic");
    const url = openid.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: "openid",
      response_mode: "query",
      prompt: "none",
      state: "s",
      code_challenge: "x",
    });
    await expect(openid.authorizationCodeGrant(config, await visit(url), { expectedState: "s" })).rejects.toMatchObject({
      error: "invalid_request",
    });
  });
});

describe("oauth4webapi, with its strict checks", () => {
  const insecure = { [oauth.allowInsecureRequests]: true } as const;

  test("discovers, signs somebody in and validates everything that comes back, at_hash, iss and the signature included", async () => {
    const client = await clientOf();
    const as = await oauth.processDiscoveryResponse(
      new URL(issuer),
      await oauth.discoveryRequest(new URL(issuer), { algorithm: "oidc", ...insecure }),
    );
    const rfc8414 = await oauth.processDiscoveryResponse(
      new URL(issuer),
      await oauth.discoveryRequest(new URL(issuer), { algorithm: "oauth2", ...insecure }),
    );
    expect(rfc8414).toEqual(as);
    const me: oauth.Client = { client_id: client.id, id_token_signed_response_alg: "ES256" };
    const proof = oauth.ClientSecretBasic(client.secret);
    const [verifier, nonce, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce(), oauth.generateRandomState()];
    const url = new URL(as.authorization_endpoint!);
    const request = {
      client_id: client.id,
      redirect_uri: redirectUri,
      response_type: "code",
      scope: "openid email",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      max_age: "3600",
      nonce,
      state,
    };
    for (const [name, value] of Object.entries(request)) url.searchParams.set(name, value);
    const parameters = oauth.validateAuthResponse(as, me, await visit(url), state);
    const answer = await oauth.authorizationCodeGrantRequest(as, me, proof, parameters, redirectUri, verifier, insecure);
    const checks = { expectedNonce: nonce, maxAge: 3_600, requireIdToken: true };
    const result = await oauth.processAuthorizationCodeResponse(as, me, answer, checks);
    await oauth.validateApplicationLevelSignature(as, answer, insecure);
    const claims = oauth.getValidatedIdTokenClaims(result)!;
    const info = await oauth.processUserInfoResponse(
      as,
      me,
      claims.sub,
      await oauth.userInfoRequest(as, me, result.access_token, insecure),
    );
    expect(info).toMatchObject({ sub: ada.id, email: ada.email });
    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      me,
      await oauth.refreshTokenGrantRequest(as, me, proof, result.refresh_token!, insecure),
    );
    const introspected = await oauth.processIntrospectionResponse(
      as,
      me,
      await oauth.introspectionRequest(as, me, proof, refreshed.access_token, insecure),
    );
    expect(introspected).toMatchObject({ active: true, sub: ada.id });
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, me, proof, refreshed.refresh_token!, insecure));
    const again = await oauth.refreshTokenGrantRequest(as, me, proof, refreshed.refresh_token!, insecure);
    await expect(oauth.processRefreshTokenResponse(as, me, again)).rejects.toMatchObject({ error: "invalid_grant" });
  });

  test("reads access tokens of RFC 9068 as an API does, and gets them by client_credentials", async () => {
    const client = await clientOf();
    const as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure));
    const me = { client_id: client.id };
    const answer = await oauth.clientCredentialsGrantRequest(
      as,
      me,
      oauth.ClientSecretBasic(client.secret),
      { scope: "posts:read" },
      insecure,
    );
    const { access_token } = await oauth.processClientCredentialsResponse(as, me, answer);
    const request = new Request("https://api.example.com/", { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, issuer, { ...insecure, requireDPoP: false });
    expect(claims).toMatchObject({ client_id: client.id, sub: client.id, scope: "posts:read" });
  });
});

describe("simple-oauth2", () => {
  const options = ({ id, secret }: { id: string; secret: string }): ModuleOptions => ({
    client: { id, secret },
    auth: { tokenHost: issuer, tokenPath: "/oauth/token", revokePath: "/oauth/revoke" },
    options: { credentialsEncodingMode: "strict" },
  });

  test("signs somebody in for a confidential client that relies on nonce, refreshes and revokes", async () => {
    const given = options(await clientOf({ requirePkce: false }));
    const grant = new AuthorizationCode({ ...given, auth: { ...given.auth, authorizePath: "/oauth/authorize" } });
    const url = grant.authorizeURL({ redirect_uri: redirectUri, scope: "openid", state: "s", nonce: "n" } as never);
    const code = (await visit(url)).searchParams.get("code")!;
    const token = await grant.getToken({ code, redirect_uri: redirectUri });
    const refreshed = await token.refresh();
    expect(refreshed.token["access_token"]).toEqual(expect.any(String));
    await refreshed.revoke("refresh_token");
    await expect(refreshed.refresh()).rejects.toThrow("400");
  });

  test("gets a token in the client's own name", async () => {
    const token = await new ClientCredentials(options(await clientOf())).getToken({ scope: "posts:read" });
    expect(token.token).toMatchObject({ scope: "posts:read", token_type: "Bearer" });
  });
});

test("passport-openidconnect signs somebody in", async () => {
  const Strategy = createRequire(import.meta.url)("passport-openidconnect") as new (
    options: object,
    verify: (...given: unknown[]) => void,
  ) => PassportStrategy;
  interface PassportStrategy {
    success(user: unknown): void;
    fail(challenge: unknown): void;
    error(error: unknown): void;
    redirect(url: string): void;
    authenticate(request: object, options?: object): void;
  }
  const { id, secret } = await clientOf({ requirePkce: false, authentication: "client_secret_post" });
  const session: Record<string, unknown> = {};
  const run = (query: Record<string, string>) =>
    new Promise<unknown>((resolve, reject) => {
      const strategy = new Strategy(
        {
          issuer,
          authorizationURL: `${issuer}/oauth/authorize`,
          tokenURL: `${issuer}/oauth/token`,
          userInfoURL: `${issuer}/oauth/userinfo`,
          clientID: id,
          clientSecret: secret,
          callbackURL: redirectUri,
          scope: ["email"],
          nonce: "n-1",
        },
        (...given) => (given.at(-1) as (error: unknown, user: unknown) => void)(null, given[1]),
      );
      Object.assign(strategy, {
        success: resolve,
        redirect: resolve,
        error: reject,
        fail: (challenge: unknown) => reject(new Error(JSON.stringify(challenge))),
      });
      strategy.authenticate({ query, session, headers: {}, url: "/", connection: {} });
    });
  const url = String(await run({}));
  const back = await visit(url);
  expect(await run(Object.fromEntries(back.searchParams))).toMatchObject({ id: ada.id });
});
