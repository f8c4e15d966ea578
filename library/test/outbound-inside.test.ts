// Everybody who asks a URL of somebody else's choice, against a name that leads into our network: refused by the one room through
// which all of them ask, whose own tests hold that what was checked is what is connected to (DNS rebinding).
import { generateKeyPairSync } from "node:crypto";
import { createServer, type AddressInfo, type Server } from "node:net";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { TestLatchkey } from "latchkey/testing";
import { codeOf, get, newApp, newClient, newPerson, oauthHouse, post, redeem } from "./oauth-house.ts";

const looked = vi.hoisted(() => [] as string[]);
vi.mock("node:dns/promises", async (original) => {
  const real = await original<typeof import("node:dns/promises")>();
  const lookup = async (name: string, options: object) => {
    if (!name.endsWith(".inside.test") && name !== "api.github.com") return real.lookup(name, options);
    looked.push(name);
    return [{ address: "127.0.0.1", family: 4 }];
  };
  return { ...real, default: { ...real, lookup }, lookup };
});

let canary: Server;
let port: number;
let reached = 0;
let auth: TestLatchkey;
beforeAll(async () => {
  canary = createServer((socket) => {
    reached += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  ({ port } = canary.address() as AddressInfo);
});
beforeEach(async () => {
  looked.length = 0;
  reached = 0;
  auth = await oauthHouse({
    webhooks: { deliver: false },
    registration: { metadataDocuments: true, mode: "open" },
    leaks: { github: { keysUrl: at("leaks") } },
  });
});
afterEach(async () => {
  await auth.close();
  // Each asked for its name once and connected to nothing.
  if (reached > 0) throw new Error(`${reached} connections into our network`);
});
afterAll(() => canary.close());

const at = (who: string) => `https://${who}.inside.test:${port}/x`;

test("a webhook is not sent there [attack:WH-06]", async () => {
  const { endpoint } = await auth.webhooks.create({ url: at("webhook"), events: ["never"] });
  await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
  expect(await auth.webhooks.deliverDue()).toBe(1);
  const [delivery] = await auth.webhooks.deliveries({ endpoint: endpoint.id });
  expect(delivery!.lastError).toMatch(/^address: /);
  expect(looked).toEqual(["webhook.inside.test"]);
});

test("a client is no document there, and has no sector there [attack:OS-25]", async () => {
  expect(await post(auth, "/oauth/revoke", { client_id: at("document"), token: "x" })).toMatchObject({ status: 401 });
  const headers = { "content-type": "application/json" };
  const sector = { redirect_uris: ["https://app.example.com/cb"], subject_type: "pairwise", sector_identifier_uri: at("sector") };
  expect(await post(auth, "/oauth/register", JSON.stringify(sector), headers)).toMatchObject({ status: 400 });
  expect(looked).toEqual(["document.inside.test", "sector.inside.test"]);
});

test("the keys of a client are not fetched there [attack:OS-25]", async () => {
  const { id } = await newClient(auth, { authentication: "private_key_jwt", jwksUri: at("keys"), scopes: ["posts:read"] });
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const assertion = await new SignJWT({ jti: "one" })
    .setProtectedHeader({ alg: "ES256", kid: "one" })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(auth.issuer)
    .setIssuedAt(auth.clock.now() / 1_000)
    .setExpirationTime(auth.clock.now() / 1_000 + 60)
    .sign(privateKey);
  const form = {
    grant_type: "client_credentials",
    client_assertion: assertion,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  };
  expect(await post(auth, "/oauth/token", form)).toMatchObject({ status: 503 });
  expect(looked).toEqual(["keys.inside.test"]);
});

test("nobody is told of a logout there", async () => {
  const app = await newApp(auth, { backchannelLogoutUri: at("logout") });
  const hint = String((await redeem(auth, app, await codeOf(auth, app, await newPerson(auth)))).body["id_token"]);
  await get(auth, `/oauth/logout?${new URLSearchParams({ id_token_hint: hint }).toString()}`);
  await auth.flush();
  expect(looked).toEqual(["logout.inside.test"]);
});

test("the keys of GitHub's alerts are not fetched there, and on no developer's machine either where they are GitHub's own", async () => {
  const headers = { "github-public-key-identifier": "one", "github-public-key-signature": "AAAA", "content-type": "application/json" };
  expect(await post(auth, "/leaks/github", "[]", headers)).toMatchObject({ status: 503 });
  const developers = await oauthHouse({ issuer: "http://localhost:3000", leaks: { github: true } });
  expect(await post(developers, "/leaks/github", "[]", headers)).toMatchObject({ status: 503 });
  await developers.close();
  expect(looked).toEqual(["leaks.inside.test", "api.github.com"]);
});
