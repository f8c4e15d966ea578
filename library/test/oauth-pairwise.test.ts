// Pairwise subjects (OpenID Connect Core s.8): apps of different sectors cannot tell that they know the same person.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ClientOptions, OptionFault } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import type { TestLatchkey } from "latchkey/testing";
import { startReceiver } from "./webhook-receiver.ts";
import { ada, app, auth, eachInAHouse } from "./oauth-fixture.ts";
import {
  authorize,
  basic,
  claimsOf,
  get,
  issuer,
  newApp,
  newClient,
  newPerson,
  oauthHouse,
  post,
  redeem,
  redirectUri,
  type Reply,
  requestOf,
  sentTo,
  type TestClient,
} from "./oauth-house.ts";

const pairwise = { subjectType: "pairwise" } as const;
const elsewhere = "https://other.example.org/cb";
eachInAHouse({ app: pairwise, ada: {} });

const signIn = async (client: TestClient, person = ada, scope = "openid", uri = redirectUri, on = auth): Promise<Reply["body"]> => {
  const { code } = sentTo(await authorize(on, requestOf(client, { scope, redirect_uri: uri }), person.cookie), uri);
  return (await redeem(on, client, code!, { redirect_uri: uri })).body;
};
const subjectOf = async (...given: Parameters<typeof signIn>) => String(claimsOf((await signIn(...given))["id_token"])["sub"]);
const bearer = (tokens: Reply["body"]) => ({ authorization: `Bearer ${String(tokens["access_token"])}` });

describe("a pairwise client", () => {
  test("knows a person by an id of its own in every answer, and nowhere by the public one", async () => {
    const tokens = await signIn(app, ada, "openid email offline_access");
    const { sub, sid } = claimsOf(tokens["id_token"]) as { sub: string; sid: string };
    expect(sub).toMatch(/^[\w-]{43}$/);
    const refreshed = await post(
      auth,
      "/oauth/token",
      { grant_type: "refresh_token", refresh_token: String(tokens["refresh_token"]) },
      { authorization: basic(app) },
    );
    const introspected = await post(auth, "/oauth/introspect", { token: String(tokens["access_token"]) }, { authorization: basic(app) });
    const answers = [
      claimsOf(refreshed.body["id_token"]),
      (await get(auth, "/oauth/userinfo", bearer(tokens))).body,
      introspected.body,
      (await get(auth, "/whoami", bearer(tokens))).body,
    ];
    expect(answers.map((answer) => answer["sub"] ?? answer["subject"])).toEqual([sub, sub, sub, sub]);
    const [session] = await auth.sessions.list(ada.id);
    for (const hidden of [ada.id, session!.id]) {
      expect(JSON.stringify([claimsOf(tokens["id_token"]), ...answers])).not.toContain(hidden);
      expect(Buffer.from(JSON.stringify(tokens), "utf8").toString()).not.toContain(hidden);
    }
    const online = await signIn(app);
    const known = await post(auth, "/oauth/introspect", { token: String(online["access_token"]) }, { authorization: basic(app) });
    expect(known.body).toMatchObject({ active: true, sub, sid });
  });

  test("cannot compare people with a client of another sector, and can with one of its own", async () => {
    const same = await newApp(auth, { ...pairwise, redirectUris: ["https://app.example.com/other"] });
    const other = await newApp(auth, { ...pairwise, redirectUris: [elsewhere] });
    const one = claimsOf((await signIn(app))["id_token"]);
    expect(await subjectOf(app)).toBe(one["sub"]);
    expect(await subjectOf(same, ada, "openid", "https://app.example.com/other")).toBe(one["sub"]);
    const foreign = claimsOf((await signIn(other, ada, "openid", elsewhere))["id_token"]);
    expect([foreign["sub"], foreign["sid"]]).not.toContain(one["sub"]);
    expect(foreign["sid"]).not.toBe(one["sid"]);
    expect(await subjectOf(app, await newPerson(auth, "bob@example.com"))).not.toBe(one["sub"]);
    expect(await subjectOf(await newApp(auth))).toBe(ada.id);
  });

  test("shares a sector with whoever has the same host in sectorIdentifierUri", async () => {
    const sectorIdentifierUri = "https://app.example.com/uris.json";
    const other = await newApp(auth, { ...pairwise, redirectUris: [elsewhere], sectorIdentifierUri });
    expect(await subjectOf(other, ada, "openid", elsewhere)).toBe(await subjectOf(app));
  });

  test("is met by the real person in the APIs of the house, and by the gate", async () => {
    const tokens = await signIn(app);
    const decision = await auth.check(new Request(`${issuer}/posts`, { headers: bearer(tokens) }), {});
    expect(decision).toMatchObject({ allowed: true, principal: { subject: ada.id } });
    const gate = await newClient(auth, { introspects: [issuer] });
    const told = await post(auth, "/oauth/introspect", { token: String(tokens["access_token"]) }, { authorization: basic(gate) });
    const [session] = await auth.sessions.list(ada.id);
    expect(told.body).toMatchObject({ active: true, sub: ada.id, sid: session!.id });
  });

  test("gets no signed token that would show whom it knows: jwt.hidden-subject", async () => {
    const tokens = await signIn(app);
    expect(tokens["access_token"]).toMatch(/^lka_/);
    const swapped = await auth.fetch(
      new Request(`${issuer}/tokens/exchange`, {
        method: "POST",
        headers: { ...bearer(tokens), "content-type": "application/json" },
        body: JSON.stringify({ audience: issuer }),
      }),
    );
    expect(swapped.status).toBe(403);
    expect(await swapped.json()).toMatchObject({ code: "jwt.hidden-subject" });
    await expect(newApp(auth, { ...pairwise, tokenFormat: "jwt" })).rejects.toThrow(/^tokenFormat/);
  });

  test("names people by its own id in id_token_hint", async () => {
    const { id_token } = await signIn(app);
    const request = requestOf(app, { prompt: "none", id_token_hint: String(id_token) });
    expect(sentTo(await authorize(auth, request, ada.cookie))).toHaveProperty("code");
    const bob = await newPerson(auth, "bob@example.com");
    expect(sentTo(await authorize(auth, request, bob.cookie))).toMatchObject({ error: "login_required" });
  });

  test("signs out the person at the browser, and nobody else", async () => {
    const { id_token } = await signIn(app);
    const isSignedIn = async () => (await get(auth, "/whoami", { cookie: ada.cookie })).status === 200;
    const logout = `/oauth/logout?id_token_hint=${String(id_token)}`;
    await get(auth, logout);
    await get(auth, logout, { cookie: (await newPerson(auth, "bob@example.com")).cookie });
    expect(await isSignedIn()).toBe(true);
    const posted = await post(auth, "/oauth/logout", { id_token_hint: String(id_token), state: "a b" });
    expect(posted.headers.get("location")).toBe(`${issuer}${logout}&state=a%20b`);
    expect(await isSignedIn()).toBe(true);
    await get(auth, logout, { cookie: ada.cookie });
    expect(await isSignedIn()).toBe(false);
    expect(await auth.audit.list({ action: "session.ended" })).toMatchObject([{ actor: ada.id, method: "id-token" }]);
  });

  test("is told of a logout in the names that it knows", async () => {
    const receiver = await startReceiver((_, response) => response.end());
    const home = await oauthHouse({ issuer: "http://localhost:3000" });
    const eve = await newPerson(home, "eve@example.com");
    const client = await newApp(home, { ...pairwise, backchannelLogoutUri: receiver.url });
    const { sub, sid } = claimsOf((await signIn(client, eve, "openid", redirectUri, home))["id_token"]);
    const [session] = await home.sessions.list(eve.id);
    await home.sessions.revoke(session!.id);
    await home.flush();
    const [told] = receiver.received.map(({ body }) => claimsOf(new URLSearchParams(body).get("logout_token")));
    expect(told).toMatchObject({ sub, sid });
    await home.close();
    await receiver.close();
  });
});

test("a pairwise client belongs to one sector that nobody else can claim", async () => {
  const wrong: [Partial<ClientOptions>, RegExp][] = [
    [{ redirectUris: [redirectUri, elsewhere] }, /^sectorIdentifierUri/],
    [{ redirectUris: ["http://127.0.0.1/cb"], authentication: "none" }, /^sectorIdentifierUri/],
    [{ redirectUris: ["com.example.app:/cb"], authentication: "none" }, /^sectorIdentifierUri/],
    [{ sectorIdentifierUri: "http://example.com/" }, /^sectorIdentifierUri/],
    [{ sectorIdentifierUri: "https://a@example.com/" }, /^sectorIdentifierUri/],
    [{ subjectType: "private" as "pairwise" }, /^subjectType/],
  ];
  for (const [options, message] of wrong) {
    const made = newApp(auth, { ...pairwise, ...options });
    await expect(made).rejects.toThrow(OptionFault);
    await expect(made).rejects.toThrow(message);
  }
  await expect(newClient(auth, pairwise)).rejects.toThrow(/^sectorIdentifierUri/);
  expect((await get(auth, "/.well-known/openid-configuration")).body["subject_types_supported"]).toEqual(["public", "pairwise"]);
});

test("pairwise ids survive the rotation of the master secret, and differ from house to house", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latchkey-pairwise-"));
  const [old, next] = ["an old master secret of more than 32 bytes", "the next master secret of more than 32 bytes"];
  const open = (secret: string | readonly string[]) => oauthHouse({ store: sqlite(join(folder, "app.db")), secret });
  let house = await open(old);
  const eve = await newPerson(house, "eve@example.com");
  const client = await newApp(house, pairwise);
  const sub = await subjectOf(client, eve, "openid", redirectUri, house);
  for (const secret of [[next, old], next]) {
    await house.close();
    house = await open(secret);
    expect(await subjectOf(client, eve, "openid", redirectUri, house)).toBe(sub);
  }
  await house.close();
  await rm(folder, { recursive: true });
  expect(sub).not.toBe(await subjectOf(app));
});

describe("a pairwise client that registers itself", () => {
  let server: Server;
  let home: TestLatchkey;
  let base: string;
  let listed: string;
  let asked: number;
  beforeEach(async () => {
    asked = 0;
    server = createServer((_, response) => ((asked += 1), response.setHeader("content-type", "application/json").end(listed)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    home = await oauthHouse({ issuer: "http://localhost:3000" });
  });
  afterEach(async () => {
    server.close();
    await home.close();
  });
  const register = (body: object, on = home) =>
    post(on, "/oauth/register", JSON.stringify({ subject_type: "pairwise", ...body }), { "content-type": "application/json" });

  test("is in the sector of a document that lists all its redirect URIs", async () => {
    listed = JSON.stringify([redirectUri, elsewhere, "https://third.example/"]);
    const body = { redirect_uris: [redirectUri, elsewhere], sector_identifier_uri: `${base}/uris.json` };
    expect(await register(body)).toMatchObject({
      status: 201,
      body: { subject_type: "pairwise", sector_identifier_uri: `${base}/uris.json` },
    });
    for (const text of [JSON.stringify([redirectUri]), JSON.stringify({ 0: redirectUri, 1: elsewhere }), "[", "", `"${redirectUri}"`]) {
      listed = text;
      expect(await register(body)).toMatchObject({ status: 400, body: { error: "invalid_client_metadata" } });
    }
    expect(await register({ redirect_uris: [redirectUri] })).toMatchObject({ status: 201, body: { subject_type: "pairwise" } });
    expect(await register({ redirect_uris: [redirectUri, elsewhere] })).toMatchObject({ status: 400 });
    expect(await register({ redirect_uris: [redirectUri], subject_type: "public" })).toMatchObject({ body: { subject_type: "public" } });
    expect(await register({ redirect_uris: [redirectUri], subject_type: "other" })).toMatchObject({ status: 400 });
  });

  test("makes us ask no address inside [attack:OS-25]", async () => {
    const strict = await oauthHouse({ registration: { mode: "open" } });
    listed = JSON.stringify([redirectUri]);
    for (const uri of [base, base.replace("http:", "https:"), "https://169.254.169.254/", "https://[::ffff:127.0.0.1]/"])
      expect(await register({ redirect_uris: [redirectUri], sector_identifier_uri: `${uri}/x` }, strict)).toMatchObject({ status: 400 });
    expect(asked).toBe(0);
    await strict.close();
  });
});
