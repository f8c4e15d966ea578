// Token exchange as an API in another process sees it: what was made of a token ends there, too, when the token ends.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mount } from "latchkey/node";
import { createResource, type Resource } from "latchkey/resource";
import { testClock, type TestLatchkey } from "latchkey/testing";
import { api, basic, codeOf, newApp, newClient, newPerson, oauthHouse, post, redeem, type TestClient } from "./oauth-house.ts";

const grant = "urn:ietf:params:oauth:grant-type:token-exchange";
const clock = testClock();
let server: Server;
let auth: TestLatchkey;
let resource: Resource;

beforeEach(async () => {
  server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  auth = await oauthHouse({ issuer, clock });
  const handler = mount(auth);
  const { id, secret } = await newClient(auth, { introspects: [api] });
  const introspection = { clientId: id, clientSecret: secret, jwts: true, cache: "1s" } as const;
  resource = await createResource({ issuer, audience: api, clock, introspection });
});
afterEach(async () => {
  await resource.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await auth.close();
});

const exchanged = async (subject_token: unknown, by: TestClient) => {
  const form = {
    grant_type: grant,
    subject_token: String(subject_token),
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  };
  return (await post(auth, "/oauth/token", { ...form, resource: api }, { authorization: basic(by) })).body["access_token"];
};
const isAllowed = async (token: unknown) =>
  (await resource.check(new Request(api, { headers: { authorization: `Bearer ${String(token)}` } }), { scopes: ["posts:read"] })).allowed;

for (const tokenFormat of ["jwt", "opaque"] as const)
  test(`is refused by latchkey/resource a second after the token ended that it was exchanged for, ${tokenFormat}`, async () => {
    const app = await newApp(auth, { tokenFormat, scopes: ["openid", "posts:read"] });
    const by = await newClient(auth, { grants: [grant], scopes: ["posts:read"], tokenFormat });
    const { body } = await redeem(auth, app, await codeOf(auth, app, await newPerson(auth), { scope: "openid posts:read" }));
    const token = await exchanged(body["access_token"], by);
    expect(await isAllowed(token)).toBe(true);
    await post(auth, "/oauth/revoke", { token: String(body["access_token"]) }, { authorization: basic(app) });
    clock.advance("2s");
    expect(await isAllowed(token)).toBe(false);
  });
