// Introspection as a JWT (RFC 9701), as oauth4webapi asks for it and checks it.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClientOptions, OptionFault } from "latchkey";
import { mount } from "latchkey/node";
import { mintUser, testLatchkey, type TestLatchkey } from "latchkey/testing";
import { systemClock } from "../src/contracts/index.ts";
import { weakPasswords } from "./accounts-house.ts";
import { basic, claimsOf, headerOf, newClient, post, type TestClient } from "./oauth-house.ts";

const type = "application/token-introspection+jwt";
const insecure = { [oauth.allowInsecureRequests]: true } as const;
let server: Server;
let auth: TestLatchkey;
let as: oauth.AuthorizationServer;

beforeAll(async () => {
  server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // This client looks at the machine's clock.
  const clock = { ...systemClock, advance: () => undefined, set: () => undefined } as unknown as TestLatchkey["clock"];
  auth = await testLatchkey({ issuer, passwords: weakPasswords, clock });
  const handler = mount(auth);
  as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), insecure));
});
afterAll(async () => {
  server.close();
  await auth.close();
});

const tokenOf = async (of: TestClient) =>
  String((await post(auth, "/oauth/token", { grant_type: "client_credentials" }, { authorization: basic(of) })).body["access_token"]);
const ask = (token: string, headers: Record<string, string>) => post(auth, "/oauth/introspect", { token }, { accept: type, ...headers });
/** Asks as the library does, and lets it judge everything, the signature too. */
const introspect = async (me: oauth.Client, { secret }: TestClient, token: string) => {
  const response = await oauth.introspectionRequest(as, me, oauth.ClientSecretBasic(secret), token, {
    ...insecure,
    requestJwtResponse: true,
  });
  const signed = response.clone();
  const body = await oauth.processIntrospectionResponse(as, me, response);
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  return { body, token: await signed.text() };
};

test("is what oauth4webapi accepts: typed, for who asked, signed with a published key, RS256 where nothing else is registered", async () => {
  for (const [alg, options] of [
    ["RS256", {}],
    ["ES256", { introspectionAlgorithm: "ES256" }],
  ] as [string, Partial<ClientOptions>][]) {
    const client = await newClient(auth, { scopes: ["posts:read"], ...options });
    const { body, token } = await introspect(
      { client_id: client.id, introspection_signed_response_alg: alg },
      client,
      await tokenOf(client),
    );
    expect(body).toMatchObject({ active: true, sub: client.id, client_id: client.id, scope: "posts:read" });
    expect(headerOf(token)).toMatchObject({ typ: "token-introspection+jwt", alg });
    expect(Object.keys(claimsOf(token)).toSorted()).toEqual(["aud", "iat", "iss", "token_introspection"]);
  }
});

test("says inactive of a token of somebody else, and of one that was revoked", async () => {
  const [client, other] = [await newClient(auth), await newClient(auth)];
  const token = await tokenOf(client);
  expect((await introspect({ client_id: other.id }, other, token)).body).toEqual({ active: false });
  await post(auth, "/oauth/revoke", { token }, { authorization: basic(client) });
  expect((await introspect({ client_id: client.id }, client, token)).body).toEqual({ active: false });
});

test("is for the service whose key asked", async () => {
  const client = await newClient(auth);
  const { key } = await auth.apiKeys.issue({ name: "api", scopes: ["tokens:introspect"] });
  const { principal } = (await auth.check(new Request(as.issuer, { headers: { "x-api-key": key } }), {})) as unknown as {
    principal: { subject: string };
  };
  const { headers, text } = await ask(await tokenOf(client), { "x-api-key": key });
  expect([headers.get("content-type"), headers.get("cache-control")]).toEqual([type, "no-store"]);
  expect(claimsOf(text)).toMatchObject({ aud: principal.subject, token_introspection: { active: true, sub: client.id } });
});

test("comes when it is asked for by name, and errors stay JSON", async () => {
  const client = await newClient(auth);
  const token = await tokenOf(client);
  const typeOf = async (accept: string) => (await ask(token, { authorization: basic(client), accept })).headers.get("content-type");
  for (const accept of [type, type.toUpperCase(), `${type};q=0.5`, `application/json;q=0.1, ${type}`, `${type},*/*`])
    expect([accept, await typeOf(accept)]).toEqual([accept, type]);
  for (const accept of ["*/*", "application/json", `${type};q=0`, `${type};q=0.0, */*`, `${type}2`, `x${type}`, ""])
    expect([accept, await typeOf(accept)]).toEqual([accept, "application/json; charset=utf-8"]);
  const refused = await ask(token, {});
  expect([refused.status, refused.body["error"]]).toEqual([401, "invalid_client"]);
});

test("is no access token and no ID token to anybody [attack:JW-15]", async () => {
  const user = await mintUser(auth);
  const client = await newClient(auth, { introspectionAlgorithm: "ES256", introspects: [as.issuer] });
  const { text } = await ask((await auth.tokens.issue({ subject: user.id })).token, { authorization: basic(client) });
  expect(claimsOf(text)["token_introspection"]).toMatchObject({ active: true, sub: user.id });
  const decision = await auth.check(new Request(`${as.issuer}/whoami`, { headers: { authorization: `Bearer ${text}` } }), {});
  expect(decision).toMatchObject({ allowed: false, refusal: { code: "jwt.wrong-type" } });
  const hinted = await auth.fetch(new Request(`${as.issuer}/oauth/logout?id_token_hint=${text}`));
  expect(hinted.status).toBe(400);
});

test("is registered with an algorithm that we sign with", async () => {
  await expect(newClient(auth, { introspectionAlgorithm: "HS256" as "ES256" })).rejects.toThrow(OptionFault);
  const metadata = { redirect_uris: ["http://127.0.0.1:9/cb"], introspection_signed_response_alg: "none" };
  const register = (body: object) => post(auth, "/oauth/register", JSON.stringify(body), { "content-type": "application/json" });
  expect(await register(metadata)).toMatchObject({ status: 400, body: { error: "invalid_client_metadata" } });
  expect(await register({ ...metadata, introspection_signed_response_alg: "ES256" })).toMatchObject({
    status: 201,
    body: { introspection_signed_response_alg: "ES256" },
  });
});
