// Clients that others wrote, each through its whole flow, against the server as `npm start` starts it: what they refuse is wrong here.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { AuthorizationCode, ClientCredentials } from "simple-oauth2";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createApp } from "../../examples/mcp-server/app.js";
import { authorityExtensions, type Workshop, workshop } from "../../library/test/certificates.ts";
import { claimsOf } from "../../library/test/oauth-house.ts";
import { describeWithChromium, launch } from "./chromium.ts";
import { agent, clientMetadata } from "./mcp-agent.ts";
import { runPassport } from "./passport-strategy.ts";
import { build, type Served, served } from "./program.ts";

const email = "ada@example.com";
const password = "four quiet grey horses";
const redirectUri = "http://127.0.0.1:9/cb";

let shop: Workshop;
let server: Served;
let api: { close(): Promise<void> };
let resource: string;
let ada: { readonly id: string; readonly cookie: string };
const servers: Server[] = [];

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

async function listen(listening: Server): Promise<string> {
  servers.push(listening);
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  build();
  let serveApi: RequestListener;
  resource = `http://${await listen(createServer((request, response) => serveApi(request, response)))}/mcp`;
  shop = workshop();
  const ca = shop.make("ca", { extensions: authorityExtensions });
  for (const [name, by] of [
    ["known", ca],
    ["unknown", undefined],
  ] as const)
    shop.make(name, { by, extensions: ["basicConstraints=CA:FALSE", "subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth"] });
  const scopes = "notes:read=Read your notes;notes:write=Write notes;posts:read=Read your posts";
  const settings = { LATCHKEY_AUDIENCES: resource, LATCHKEY_SCOPES: scopes, NODE_EXTRA_CA_CERTS: join(shop.folder, "ca.pem") };
  server = await served(settings, ["tools/start.mjs"]);
  const file = join(server.data, "password");
  writeFileSync(file, password);
  const made = await server.latchkey("user", "create", "--email", email, "--password-file", file, "--json");
  const signedIn = await fetch(`${server.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ email, password }),
  });
  ada = { ...(JSON.parse(made.stdout) as { id: string }), cookie: signedIn.headers.get("set-cookie")!.split(";", 1)[0]! };
  const app = await createApp({ issuer: server.url, resource });
  api = app;
  serveApi = app.app;
});
afterAll(async () => {
  for (const one of servers) {
    one.closeAllConnections();
    one.close();
  }
  await api?.close();
  await server?.stop();
  shop?.remove();
});

/** A client that the operator registers by the command. */
async function clientOf(...more: string[]): Promise<{ readonly id: string; readonly secret: string }> {
  const grants = ["authorization_code", "refresh_token"].flatMap((grant) => ["--grant", grant]);
  const scopes = ["openid", "email", "offline_access", "posts:read", "notes:read"].flatMap((scope) => ["--scope", scope]);
  const argv = ["client", "create", "--json", "--name", "App", "--redirect-uri", redirectUri, ...grants, ...scopes, ...more];
  const made = await server.latchkey(...argv);
  const { client_id, client_secret = "" } = JSON.parse(made.stdout) as { client_id: string; client_secret?: string };
  return { id: client_id, secret: client_secret };
}
const service = ["--grant", "client_credentials"];

/** What a browser does in which Ada is signed in: she allows what she is asked for. */
async function visit(url: string | URL): Promise<URL> {
  const answer = await fetch(url, { redirect: "manual", headers: { cookie: ada.cookie } });
  if (answer.status === 303) return new URL(answer.headers.get("location")!);
  const { consent } = (await answer.json()) as { consent: { request: string } };
  const decided = await fetch(`${server.url}/oauth/authorize/decision`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: ada.cookie, origin: server.url },
    body: new URLSearchParams({ request: consent.request, decision: "allow" }),
  });
  return new URL(decided.headers.get("location")!);
}

test("openid-client 6 discovers, signs somebody in, reads userinfo, refreshes, introspects and revokes", async () => {
  const { id, secret } = await clientOf();
  const metadata = { id_token_signed_response_alg: "ES256" };
  const insecure = { execute: [openid.allowInsecureRequests] };
  const config = await openid.discovery(new URL(server.url), id, metadata, openid.ClientSecretBasic(secret), insecure);
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
  const checks = { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true };
  const tokens = await openid.authorizationCodeGrant(config, await visit(url), checks);
  expect(tokens.claims()).toMatchObject({ iss: server.url, sub: ada.id });
  expect(await openid.fetchUserInfo(config, tokens.access_token, ada.id)).toMatchObject({ sub: ada.id, email });
  const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token!);
  expect(await openid.tokenIntrospection(config, refreshed.access_token)).toMatchObject({ active: true, sub: ada.id });
  await openid.tokenRevocation(config, refreshed.refresh_token!);
  expect(await openid.tokenIntrospection(config, refreshed.access_token)).toEqual({ active: false });
});

describe("oauth4webapi, with its strict checks", () => {
  const insecure = { [oauth.allowInsecureRequests]: true } as const;
  const discovered = async (algorithm: "oidc" | "oauth2") => {
    const issuer = new URL(server.url);
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...insecure }));
  };

  test("discovers, signs somebody in and validates everything that comes back, at_hash, iss and the signature included", async () => {
    const { id, secret } = await clientOf();
    const as = await discovered("oidc");
    expect(await discovered("oauth2")).toEqual(as);
    const me: oauth.Client = { client_id: id, id_token_signed_response_alg: "ES256" };
    const proof = oauth.ClientSecretBasic(secret);
    const [verifier, nonce, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomNonce(), oauth.generateRandomState()];
    const url = new URL(as.authorization_endpoint!);
    const request = {
      client_id: id,
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
    const { sub } = oauth.getValidatedIdTokenClaims(result)!;
    const info = await oauth.userInfoRequest(as, me, result.access_token, insecure);
    expect(await oauth.processUserInfoResponse(as, me, sub, info)).toMatchObject({ sub: ada.id, email });
    const refresh = (token: string) => oauth.refreshTokenGrantRequest(as, me, proof, token, insecure);
    const refreshed = await oauth.processRefreshTokenResponse(as, me, await refresh(result.refresh_token!));
    const told = await oauth.introspectionRequest(as, me, proof, refreshed.access_token, insecure);
    expect(await oauth.processIntrospectionResponse(as, me, told)).toMatchObject({ active: true, sub: ada.id });
    await oauth.processRevocationResponse(await oauth.revocationRequest(as, me, proof, refreshed.refresh_token!, insecure));
    const again = oauth.processRefreshTokenResponse(as, me, await refresh(refreshed.refresh_token!));
    await expect(again).rejects.toMatchObject({ error: "invalid_grant" });
  });

  test("reads access tokens of RFC 9068 as an API does, and gets them by client_credentials", async () => {
    const { id, secret } = await clientOf(...service);
    const as = await discovered("oauth2");
    const asked = { scope: "posts:read" };
    const answer = await oauth.clientCredentialsGrantRequest(as, { client_id: id }, oauth.ClientSecretBasic(secret), asked, insecure);
    const { access_token } = await oauth.processClientCredentialsResponse(as, { client_id: id }, answer);
    const request = new Request("https://api.example.com/", { headers: { authorization: `Bearer ${access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, server.url, { ...insecure, requireDPoP: false });
    expect(claims).toMatchObject({ client_id: id, sub: id, scope: "posts:read" });
  });
});

test("simple-oauth2 signs somebody in for a confidential client that relies on nonce, refreshes, revokes, and is a service", async () => {
  const client = await clientOf("--nonce-instead-of-pkce", ...service);
  const paths = { tokenHost: server.url, tokenPath: "/oauth/token", revokePath: "/oauth/revoke" };
  const options = { credentialsEncodingMode: "strict" } as const;
  const grant = new AuthorizationCode({ client, auth: { ...paths, authorizePath: "/oauth/authorize" }, options });
  const url = grant.authorizeURL({ redirect_uri: redirectUri, scope: "openid", state: "s", nonce: "n" } as never);
  const token = await grant.getToken({ code: (await visit(url)).searchParams.get("code")!, redirect_uri: redirectUri });
  const refreshed = await token.refresh();
  expect(refreshed.token["access_token"]).not.toBe(token.token["access_token"]);
  await refreshed.revoke("refresh_token");
  await expect(refreshed.refresh()).rejects.toThrow("400");
  const own = await new ClientCredentials({ client, auth: paths, options }).getToken({ scope: "posts:read" });
  expect(own.token).toMatchObject({ scope: "posts:read", token_type: "Bearer" });
});

test("passport-openidconnect signs somebody in", async () => {
  const { id, secret } = await clientOf("--nonce-instead-of-pkce", "--auth", "client_secret_post");
  const options = {
    issuer: server.url,
    authorizationURL: `${server.url}/oauth/authorize`,
    tokenURL: `${server.url}/oauth/token`,
    userInfoURL: `${server.url}/oauth/userinfo`,
    clientID: id,
    clientSecret: secret,
    callbackURL: redirectUri,
    scope: ["email"],
    nonce: "n-1",
  };
  const session = {};
  const back = await visit(String(await runPassport(options, session, {})));
  expect(await runPassport(options, session, Object.fromEntries(back.searchParams))).toMatchObject({ id: ada.id });
});

describe("the client of the Model Context Protocol, at examples/mcp-server", () => {
  const codeFor = async (url: URL) => (await visit(url)).searchParams.get("code")!;
  /** Where a document says what the agent is, behind this certificate. */
  const documentBehind = async (name: "known" | "unknown") => {
    const pem = (suffix: string) => readFileSync(join(shop.folder, `${name}.${suffix}`));
    const answer: RequestListener = (_, response) =>
      response.setHeader("content-type", "application/json").end(JSON.stringify({ ...clientMetadata, client_id: url }));
    const url: string = `https://${await listen(createTlsServer({ key: pem("key"), cert: pem("pem") }, answer))}/agent.json`;
    return url;
  };

  test("finds the server by the challenge, registers, gets a token for this resource, and asks for more scopes when a tool needs them", async () => {
    const { kept, transportTo, connect } = agent();
    const first = transportTo(resource);
    await expect(connect(first)).rejects.toThrow(UnauthorizedError);
    expect(kept.sentTo!.searchParams.get("resource")).toBe(resource);
    await first.finishAuth(await codeFor(kept.sentTo!));
    expect(claimsOf(kept.tokens!.access_token)).toMatchObject({ sub: ada.id, aud: resource, scope: "notes:read" });

    const transport = transportTo(resource);
    const client = await connect(transport);
    expect(await client.callTool({ name: "list_notes" })).toMatchObject({ content: [{ text: "no notes" }] });
    // It registered with the scope that it knew of, and now learns of another.
    await expect(client.callTool({ name: "add_note" })).rejects.toThrow(UnauthorizedError);
    expect(kept.client).toMatchObject({ scope: "notes:read", client_id: kept.sentTo!.searchParams.get("client_id") });
    await transport.finishAuth(await codeFor(kept.sentTo!));
    expect(claimsOf(kept.tokens!.access_token)).toMatchObject({ aud: resource, scope: "notes:read notes:write" });
    expect(await client.callTool({ name: "add_note" })).toMatchObject({ content: [{ text: `noted for ${ada.id}` }] });
    await client.close();
  });

  test("is let in as a document at an https URL, without registering", async () => {
    const url = await documentBehind("known");
    const { kept, transportTo, connect } = agent(url);
    const first = transportTo(resource);
    await expect(connect(first)).rejects.toThrow(UnauthorizedError);
    await first.finishAuth(await codeFor(kept.sentTo!));
    expect(claimsOf(kept.tokens!.access_token)).toMatchObject({ client_id: url, aud: resource });
    const client = await connect(transportTo(resource));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["list_notes", "add_note"]);
    await client.close();
  });

  test("is nobody where no authority that is trusted here vouches for its host", async () => {
    const url = await documentBehind("unknown");
    const asked = await fetch(`${server.url}/oauth/revoke`, { method: "POST", body: new URLSearchParams({ client_id: url, token: "x" }) });
    expect({ status: asked.status, body: await asked.json() }).toMatchObject({ status: 401, body: { error: "invalid_client" } });
  });

  test("opens nothing with a token for another resource", async () => {
    const { id, secret } = await clientOf(...service);
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
    const form = new URLSearchParams({ grant_type: "client_credentials", scope: "notes:read" });
    const issued = await fetch(`${server.url}/oauth/token`, { method: "POST", headers: { authorization }, body: form });
    const { access_token } = (await issued.json()) as { access_token: string };
    const answer = await fetch(resource, { method: "POST", headers: { authorization: `Bearer ${access_token}` } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toContain("resource_metadata=");
  });
});

describeWithChromium("oidc-client-ts, in Chromium", () => {
  test("signs somebody in, reads userinfo and refreshes, from a page of another origin", async () => {
    const script = join(
      dirname(createRequire(import.meta.url).resolve("oidc-client-ts/package.json")),
      "dist/browser/oidc-client-ts.min.js",
    );
    const pages: RequestListener = (request, response) => {
      response.setHeader("content-type", request.url === "/oidc.js" ? "text/javascript" : "text/html");
      response.end(request.url === "/oidc.js" ? readFileSync(script) : `<!doctype html><title>SPA</title><script src="/oidc.js"></script>`);
    };
    const app = `http://${await listen(createServer(pages))}/spa`;
    const { id } = await clientOf("--auth", "none", "--redirect-uri", app);
    const settings = JSON.stringify({ authority: server.url, client_id: id, redirect_uri: app, scope: "openid email", loadUserInfo: true });
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(app);
      // Not waited for: it leads away from the page that runs it.
      await page.evaluate(`void new oidc.UserManager(${settings}).signinRedirect()`);
      await page.waitForURL(/\/login/);
      await page.getByLabel("Email").fill(email);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Allow" }).click();
      await page.waitForURL(/\/spa\?code=/);
      const user = await page.evaluate<{ email: string; first: string; second: string }>(
        `(async () => {
          const manager = new oidc.UserManager(${settings});
          const user = await manager.signinRedirectCallback();
          const refreshed = await manager.signinSilent();
          return { email: user.profile.email, first: user.access_token, second: refreshed.access_token };
        })()`,
      );
      expect(user.email).toBe(email);
      expect(user.second).not.toBe(user.first);
    } finally {
      await browser.close();
    }
  });
});
