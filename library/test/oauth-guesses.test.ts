import { beforeEach, expect, test } from "vitest";
import { auth, eachInAHouse } from "./oauth-fixture.ts";
import { basic, newClient, type TestClient } from "./oauth-house.ts";

eachInAHouse({}, { limits: { credentialAddress: "20/1m", credential: "5/1m" } });
let client: TestClient;
beforeEach(async () => {
  client = await newClient(auth, { scopes: ["posts:read"] });
});

async function ask(secret: string, peerAddress: string, path = "/oauth/token") {
  const headers = { "content-type": "application/x-www-form-urlencoded", authorization: basic({ ...client, secret }) };
  const body = new URLSearchParams({ grant_type: "client_credentials", token: "x" }).toString();
  return auth.fetch(new Request(`${new URL(auth.issuer).origin}${path}`, { method: "POST", headers, body }), { peerAddress });
}
const statuses = async (count: number, secret: (turn: number) => string, address: (turn: number) => string, path?: string) => {
  const seen: Record<number, number> = {};
  for (let turn = 0; turn < count; turn += 1) {
    const { status } = await ask(secret(turn), address(turn), path);
    seen[status] = (seen[status] ?? 0) + 1;
  }
  return seen;
};
const here = () => "192.0.2.1";

test("an address may be wrong about clients so often, whichever endpoint it asks [attack:RL-04]", async () => {
  expect(await statuses(12, (turn) => `guess-${turn}`, here)).toEqual({ 401: 12 });
  expect(await statuses(30, (turn) => `other-${turn}`, here, "/oauth/introspect")).toEqual({ 401: 8, 429: 22 });
  const refused = await ask(client.secret, here(), "/oauth/revoke");
  expect(refused.status).toBe(429);
  expect(await refused.json()).toEqual({
    error: "temporarily_unavailable",
    error_description: "Too many failed attempts. Wait as long as Retry-After says.",
  });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(refused.headers.get("ratelimit-policy")).toBe('"attempts";q=20;w=60');
  auth.clock.advance(60_000);
  expect((await ask(client.secret, here())).status).toBe(200);
});

test("guesses from elsewhere do not lock the client out, and count with those at the gate [attack:RL-04]", async () => {
  expect(
    await statuses(
      200,
      (turn) => `guess-${turn}`,
      (turn) => `198.51.100.${turn}`,
    ),
  ).toEqual({ 401: 200 });
  expect((await ask(client.secret, here())).status).toBe(200);
  for (let turn = 0; turn < 20; turn += 1) await ask(`guess-${turn}`, here());
  const { key } = await auth.apiKeys.issue({ name: "here" });
  const decided = await auth.fetch(new Request(`${auth.issuer}/whoami`, { headers: { "x-api-key": key } }), { peerAddress: here() });
  expect(decided.status).toBe(429);
});

test("one wrong secret is not looked at for ever, wherever it comes from", async () => {
  expect(
    await statuses(
      50,
      () => "retired",
      (turn) => `198.51.100.${turn}`,
    ),
  ).toEqual({ 401: 5, 429: 45 });
});

test("good ones take nothing: hundreds at once pass, and clear nothing that was wrong [attack:RL-04]", async () => {
  await statuses(19, (turn) => `guess-${turn}`, here);
  const all = await Promise.all(Array.from({ length: 200 }, () => ask(client.secret, here())));
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
  expect(await statuses(2, (turn) => `more-${turn}`, here)).toEqual({ 401: 1, 429: 1 });
});
