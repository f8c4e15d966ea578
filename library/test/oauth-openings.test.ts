import { beforeEach, expect, test } from "vitest";
import { github } from "latchkey/providers";
import { app, auth, eachInAHouse } from "./oauth-fixture.ts";
import { basic, newClient, redirectUri, requestOf, type TestClient } from "./oauth-house.ts";

// What anybody can begin and we keep: an address may fill so much of this process, and no more.
eachInAHouse({ app: {} }, { limits: { beginAddress: "5/1m" }, providers: [github({ clientId: "id", clientSecret: "secret" })] });
let pub: TestClient;
beforeEach(async () => {
  const grants = ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"];
  pub = await newClient(auth, { authentication: "none", grants, redirectUris: [redirectUri], scopes: ["openid"] });
});

const form = { "content-type": "application/x-www-form-urlencoded" };
const ask = (path: string, init: RequestInit, peerAddress: string) =>
  auth.fetch(new Request(`${new URL(auth.issuer).origin}${path}`, init), { peerAddress });
const push = (client: TestClient, peerAddress: string, headers = {}, more = "") =>
  ask("/oauth/par", { method: "POST", headers: { ...form, ...headers }, body: `${requestOf(client)}${more}` }, peerAddress);
const device = (peerAddress: string) =>
  ask("/oauth/device", { method: "POST", headers: form, body: new URLSearchParams({ client_id: pub.id }).toString() }, peerAddress);
const signIn = (peerAddress: string) => ask("/login/github", {}, peerAddress);

test("strangers begin so much from one address, whatever it is: rate-limit.openings [attack:RL-04]", async () => {
  const here = "192.0.2.1";
  expect([(await push(pub, here)).status, (await push(pub, here)).status]).toEqual([201, 201]);
  expect([(await device(here)).status, (await device(here)).status]).toEqual([200, 200]);
  expect((await signIn(here)).status).toBe(303);
  for (const answer of [await push(pub, here), await device(here)]) {
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ error: "temporarily_unavailable" });
  }
  const refused = await signIn(here);
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, "rate-limit.openings"]);
  expect((await push(pub, "192.0.2.2")).status).toBe(201);
  auth.clock.advance("61s");
  expect((await push(pub, here)).status).toBe(201);
});

test("addresses of one IPv6 network are one [attack:RL-03]", async () => {
  const seen = [];
  for (let turn = 0; turn < 7; turn += 1) seen.push((await push(pub, `2001:db8:1:2::${turn + 1}`)).status);
  expect(seen).toEqual([201, 201, 201, 201, 201, 429, 429]);
});

test("a client that an operator registered and that proves who it is pushes as much as it has people", async () => {
  for (let turn = 0; turn < 12; turn += 1) expect((await push(app, "192.0.2.1", { authorization: basic(app) })).status).toBe(201);
});

test("what is kept of a pushed request is no longer than a link could be [attack:HT-02]", async () => {
  expect((await push(app, "192.0.2.1", { authorization: basic(app) }, `&junk=${"x".repeat(15_000)}`)).status).toBe(201);
  const long = await push(app, "192.0.2.1", { authorization: basic(app) }, `&junk=${"x".repeat(17_000)}`);
  expect(long.status).toBe(400);
  expect(await long.json()).toMatchObject({ error: "invalid_request" });
});
