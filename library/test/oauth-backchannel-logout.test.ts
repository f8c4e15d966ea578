// Apps are told of logouts (OpenID Connect Back-Channel Logout 1.0), at a receiver that verifies with jose what it gets.
import type { ServerResponse } from "node:http";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testClock, type TestLatchkey } from "latchkey/testing";
import {
  claimsOf,
  codeOf,
  get,
  headerOf,
  issuer as remoteIssuer,
  newApp,
  newPerson,
  oauthHouse,
  post,
  redeem,
  signedIn,
  type TestClient,
  type TestPerson,
} from "./oauth-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";
import { type Receiver, startReceiver } from "./webhook-receiver.ts";

const issuer = "http://localhost:3000";
let auth: TestLatchkey;
let receiver: Receiver;
let app: TestClient;
let ada: TestPerson;
let respond: (response: ServerResponse) => void;

beforeEach(async () => {
  respond = (response) => response.end();
  receiver = await startReceiver((_, response) => respond(response));
  auth = await oauthHouse({ issuer });
  app = await newApp(auth, { backchannelLogoutUri: receiver.url });
  ada = await newPerson(auth);
});
afterEach(async () => {
  await auth.close();
  await receiver.close();
});

/** The ID token of a sign-in. */
const signIn = async (client = app, person = ada) =>
  String((await redeem(auth, client, await codeOf(auth, client, person))).body["id_token"]);
const tokenOf = (body: string) => String(new URLSearchParams(body).get("logout_token"));
const told = async () => {
  await auth.flush();
  return receiver.received.map(({ body }) => claimsOf(tokenOf(body)));
};

test("an app that signs somebody out, and every other app of the session, get a logout token that jose verifies", async () => {
  const other = await newApp(auth, { backchannelLogoutUri: receiver.url, idTokenAlgorithm: "RS256" });
  const deaf = await newApp(auth);
  const [hint] = [await signIn(), await signIn(other), await signIn(deaf), await signIn()];
  await get(auth, `/oauth/logout?${new URLSearchParams({ id_token_hint: hint }).toString()}`);
  await auth.flush();
  expect(receiver.received).toHaveLength(2);
  const keys = createLocalJWKSet((await get(auth, "/.well-known/jwks.json")).body as unknown as JSONWebKeySet);
  const seen = [];
  for (const { body, headers } of receiver.received) {
    expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
    const { payload, protectedHeader } = await jwtVerify(tokenOf(body), keys, {
      issuer,
      typ: "logout+jwt",
      audience: [app.id, other.id],
      currentDate: new Date(auth.clock.now()),
      requiredClaims: ["iat", "exp", "jti", "sub", "sid", "events"],
    });
    expect(payload).toMatchObject({ sub: ada.id, sid: claimsOf(hint)["sid"] });
    expect(payload["events"]).toEqual({ "http://schemas.openid.net/event/backchannel-logout": {} });
    expect(payload.exp! - payload.iat!).toBe(120);
    expect(payload).not.toHaveProperty("nonce");
    seen.push(`${String(payload.aud)} ${protectedHeader.alg}`);
  }
  expect(seen.toSorted()).toEqual([`${app.id} ES256`, `${other.id} RS256`].toSorted());
});

test.each([
  ["its owner ends it", (sid: string) => auth.sessions.revoke(sid)],
  ["all of the person's are ended", () => auth.sessions.revokeAll(ada.id)],
  ["the person is disabled", () => auth.users.disable(ada.id)],
  ["the person is deleted", () => auth.users.delete(ada.id)],
])("apps are told when %s", async (_, end) => {
  const sid = String(claimsOf(await signIn())["sid"]);
  expect(await told()).toEqual([]);
  await end(sid);
  expect(await told()).toEqual([expect.objectContaining({ sub: ada.id, sid, aud: app.id })]);
  await auth.sessions.revokeAll(ada.id);
  expect(await told()).toHaveLength(1);
});

test("the end of one session is told of this one only, and not to those who never had it", async () => {
  await signIn();
  const elsewhere = { ...ada, cookie: await signedIn(auth, ada.id) };
  const sid = String(claimsOf(await signIn(app, elsewhere))["sid"]);
  await auth.sessions.revoke(sid);
  expect((await told()).map((claims) => claims["sid"])).toEqual([sid]);
  await auth.sessions.revoke(sid);
  expect(await told()).toHaveLength(1);
});

test("what was not told is told again, with a token of its own, until it is given up and noted", async () => {
  respond = (response) => response.writeHead(503).end();
  await signIn();
  await auth.sessions.revokeAll(ada.id);
  await told();
  expect(await told()).toHaveLength(1);
  for (const span of ["5s", "1m", "10m", "1h"]) {
    auth.clock.advance(span);
    await told();
  }
  auth.clock.advance("2d");
  const tokens = await told();
  expect(tokens).toHaveLength(5);
  expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(5);
  expect(Number(tokens[4]!["iat"]) - Number(tokens[0]!["iat"])).toBe(4_265);
  const events = await auth.audit.list({ action: "logout.undelivered" });
  expect(events).toMatchObject([{ subject: ada.id, detail: `${app.id}: answered 503` }]);
});

test("a second try that succeeds is the last", async () => {
  respond = (response) => response.writeHead(500).end();
  await signIn();
  await auth.sessions.revokeAll(ada.id);
  await told();
  respond = (response) => response.writeHead(204).end();
  for (const span of ["5s", "2d"]) {
    auth.clock.advance(span);
    await told();
  }
  expect(receiver.received).toHaveLength(2);
});

test("a client that is gone, and one that never proved to be in it, hear nothing", async () => {
  const gone = await newApp(auth, { backchannelLogoutUri: receiver.url });
  await signIn(gone);
  await auth.clients.delete(gone.id);
  await auth.sessions.revokeAll(ada.id);
  expect(await told()).toEqual([]);
});

test("a logout token is no ID token and no access token here [attack:JW-10]", async () => {
  await signIn();
  await auth.sessions.revokeAll(ada.id);
  await told();
  const token = tokenOf(receiver.received[0]!.body);
  expect(headerOf(token)["typ"]).toBe("logout+jwt");
  expect((await get(auth, "/whoami", { authorization: `Bearer ${token}` })).status).toBe(401);
  expect((await get(auth, `/oauth/logout?id_token_hint=${token}`)).status).toBe(400);
  const introspected = await post(auth, "/oauth/introspect", { token }, { authorization: `Basic ${btoa(`${app.id}:${app.secret}`)}` });
  expect(introspected.body).toEqual({ active: false });
});

test("outside of development nothing is sent into our network, nor over http", async () => {
  const house = await oauthHouse({ issuer: remoteIssuer });
  try {
    for (const url of [receiver.url, receiver.url.replace("http:", "https:")]) {
      const client = await newApp(house, { backchannelLogoutUri: url });
      const person = await newPerson(house, `${new URL(url).protocol.slice(0, -1)}@example.com`);
      await redeem(house, client, await codeOf(house, client, person));
      await house.sessions.revokeAll(person.id);
    }
    await house.flush();
    for (const span of ["5s", "1m", "10m", "1h"]) {
      house.clock.advance(span);
      await house.flush();
    }
    await house.flush();
    const events = await house.audit.list({ action: "logout.undelivered" });
    expect(events).toHaveLength(2);
  } finally {
    await house.close();
  }
  expect(receiver.received).toEqual([]);
});

test.each([
  "http://app.example.com/x",
  "https://app.example.com/x#y",
  "https://u:p@app.example.com/x",
  "javascript:alert(1)",
  "/x",
  `https://a.example/${"x".repeat(2_000)}`,
])("an address that cannot be used is refused: %s", async (backchannelLogoutUri) => {
  await expect(newApp(auth, { backchannelLogoutUri })).rejects.toMatchObject({ option: "backchannelLogoutUri" });
});

test("a client registers for it by itself, and the metadata says that it works", async () => {
  const registration = {
    redirect_uris: ["https://rp.example.com/cb"],
    backchannel_logout_uri: receiver.url,
    backchannel_logout_session_required: true,
  };
  const send = (body: object) => post(auth, "/oauth/register", JSON.stringify(body), { "content-type": "application/json" });
  expect((await send(registration)).body).toMatchObject(registration);
  expect(await send({ ...registration, backchannel_logout_uri: "ftp://x" })).toMatchObject({ status: 400 });
  const { body } = await get(auth, "/.well-known/openid-configuration");
  expect(body).toMatchObject({ backchannel_logout_supported: true, backchannel_logout_session_supported: true });
});

describeWithPostgres("on two nodes over one PostgreSQL", () => {
  test("each of twenty sessions is told of once, whichever node ends it and however many tell at once", async () => {
    const url = await emptyPostgres();
    const secret = "one that both of them have, of 32 bytes and more";
    const open = () => oauthHouse({ issuer, secret, clock: testClock(), store: patientPostgres(url) });
    const nodes = [await open(), await open()] as const;
    try {
      const client = await newApp(nodes[0], { backchannelLogoutUri: receiver.url });
      const person = await newPerson(nodes[0]);
      const sids: string[] = [];
      for (let count = 0; count < 20; count += 1) {
        const here = { ...person, cookie: await signedIn(nodes[0], person.id) };
        const { body } = await redeem(nodes[0], client, await codeOf(nodes[0], client, here));
        sids.push(String(claimsOf(body["id_token"])["sid"]));
      }
      await Promise.all(sids.flatMap((sid) => nodes.map((node) => node.sessions.revoke(sid))));
      await Promise.all([...nodes, ...nodes].map((node) => node.flush()));
      const seen = receiver.received.map(({ body }) => String(claimsOf(tokenOf(body))["sid"]));
      expect(seen.toSorted()).toEqual(sids.toSorted());
    } finally {
      for (const node of nodes) await node.close();
    }
  });
});
