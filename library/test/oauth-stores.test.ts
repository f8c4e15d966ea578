// What the tables of the OAuth server promise on each kind of database, with two nodes on it, raced where they can meet.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "latchkey";
import { postgres } from "latchkey/postgres";
import { sqlite } from "latchkey/sqlite";
import { testClock, type TestClock, type TestLatchkey } from "latchkey/testing";
import { memory } from "../src/stores/memory/index.ts";
import {
  authorize,
  basic,
  codeOf,
  expectError,
  get,
  issuer,
  newApp,
  newClient,
  newPerson,
  oauthHouse,
  post,
  redeem,
  type Reply,
  requestOf,
  sentTo,
} from "./oauth-house.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

describe("the tables of the OAuth server on SQLite", () => {
  let folder: string;
  let files = 0;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  onTwoNodes(async () => {
    const file = join(folder, `${(files += 1)}.db`);
    return () => sqlite(file);
  });
});

describeWithPostgres("the tables of the OAuth server on PostgreSQL", () => {
  onTwoNodes(async () => {
    const url = await emptyPostgres();
    // A machine that is busy with other tests may keep many waiting for longer than a server should.
    return () => postgres(url, { connectTimeoutMs: 15_000, statementTimeoutMs: 15_000 });
  });
});

const json = { "content-type": "application/json" };
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
const refused = { status: 400, body: { error: "invalid_grant" } };

function onTwoNodes(storeOf: () => Promise<() => Store>): void {
  let clock: TestClock;
  let one: TestLatchkey;
  let other: TestLatchkey;
  beforeEach(async () => {
    const store = await storeOf();
    clock = testClock();
    // What is short-lived they share, as nodes over Redis do.
    const ephemeral = memory({ clock });
    const secret = "one that both of them have, of 32 bytes and more";
    const registration = { mode: "open", scopes: ["openid", "posts:read"] } as const;
    const oauth = { scopes: { "posts:read": "Read your posts", "posts:write": "Write posts" } };
    const open = () => oauthHouse({ secret, clock, ephemeral, registration, oauth, store: store() });
    one = await open();
    other = await open();
  });
  afterEach(() => Promise.all([one.close(), other.close()]));

  const nodes = <T>(times: number, job: (on: TestLatchkey, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: times }, (_, index) => job(index % 2 === 0 ? one : other, index)));
  const status = ({ status: value }: { readonly status: number }) => value;

  test("clients: what one node registers, changes and deletes holds at the other", async () => {
    const client = await newClient(one, { tokenFormat: "opaque" });
    const form = { grant_type: "client_credentials" };
    const ask = (on: TestLatchkey, secret = client.secret) =>
      post(on, "/oauth/token", form, { authorization: basic({ ...client, secret }) });
    const token = String((await ask(other)).body["access_token"]);
    const introspected = async (on: TestLatchkey, secret: string) =>
      (await post(on, "/oauth/introspect", { token }, { authorization: basic({ ...client, secret }) })).body["active"];
    expect(await introspected(one, client.secret)).toBe(true);
    const next = (await one.clients.rotateSecret(client.id, { overlap: "1h" }))?.secret;
    await expect.poll(() => ask(other, next).then(status), { timeout: 5_000 }).toBe(200);
    expect(status(await ask(other))).toBe(200);
    clock.advance("61m");
    expectError(await ask(other), 401, "invalid_client");
    await one.clients.delete(client.id);
    await expect.poll(() => ask(other, next).then(status), { timeout: 5_000 }).toBe(401);
  });

  test("grants: a code of one node is redeemed at the other, and what came of it ends at both with the consent", async () => {
    const app = await newApp(one, { firstParty: false, tokenFormat: "opaque" });
    const ada = await newPerson(one);
    const { consent } = (await authorize(one, requestOf(app), ada.cookie)).body as { consent: { request: string } };
    const form = { request: consent.request, decision: "allow" };
    const decided = await post(other, "/oauth/authorize/decision", form, { cookie: ada.cookie, origin: issuer });
    const { body } = await redeem(one, app, sentTo(decided)["code"]!);
    // Agreed to once: asked at neither.
    await codeOf(one, app, ada);
    const bearer = { authorization: `Bearer ${String(body["access_token"])}` };
    const userinfo = (on: TestLatchkey) => get(on, "/oauth/userinfo", bearer).then(status);
    expect(await Promise.all([userinfo(one), userinfo(other)])).toEqual([200, 200]);
    const consents = await get(other, "/consents", { cookie: ada.cookie });
    const [{ id }] = consents.body["consents"] as [{ id: string }];
    const ended = await other.fetch(
      new Request(`${issuer}/consents/${id}`, { method: "DELETE", headers: { cookie: ada.cookie, origin: issuer } }),
    );
    expect(ended.status).toBe(204);
    for (const on of [one, other]) await expect.poll(() => userinfo(on), { timeout: 5_000 }).toBe(401);
    expect(
      await post(
        one,
        "/oauth/token",
        { grant_type: "refresh_token", refresh_token: String(body["refresh_token"]) },
        { authorization: basic(app) },
      ),
    ).toMatchObject(refused);
  });

  test("consents: two that are given at the same moment are both remembered", async () => {
    const scopes = ["openid", "posts:read", "posts:write"];
    const app = await newApp(one, { firstParty: false, scopes });
    const ada = await newPerson(one);
    const asked = await nodes(2, async (on, index) => {
      const answer = await authorize(on, requestOf(app, { scope: index === 0 ? "openid posts:read" : "openid posts:write" }), ada.cookie);
      return (answer.body as { consent: { request: string } }).consent.request;
    });
    const decided = await nodes(2, (on, index) =>
      post(on, "/oauth/authorize/decision", { request: asked[index]!, decision: "allow" }, { cookie: ada.cookie, origin: issuer }),
    );
    expect(decided.map(status)).toEqual([303, 303]);
    expect(sentTo(await authorize(one, requestOf(app, { scope: scopes.join(" ") }), ada.cookie))).toHaveProperty("code");
  });

  const begin = async () => {
    const tv = await newClient(one, { authentication: "none", grants: [deviceGrant], scopes: ["openid"] });
    const started = await post(one, "/oauth/device", { client_id: tv.id, scope: "openid" });
    const poll = (on: TestLatchkey): Promise<Reply> =>
      post(on, "/oauth/token", { grant_type: deviceGrant, client_id: tv.id, device_code: String(started.body["device_code"]) });
    return { user_code: String(started.body["user_code"]), poll };
  };

  test("devices: one of two people decides, and one of many polls gets the tokens", async () => {
    const people = [await newPerson(one, "ada@example.com"), await newPerson(one, "bob@example.com")] as const;
    const { user_code, poll } = await begin();
    const decided = await nodes(10, (on, index) => {
      const headers = { accept: "text/html", cookie: people[index % 2]!.cookie, origin: issuer };
      return post(on, "/device", { user_code, decision: "allow" }, headers);
    });
    expect(decided.map(status).filter((value) => value === 200)).toHaveLength(1);
    const polls: Reply[] = [];
    // Who asks too soon is told to slow down: so each asks after its pause, both at the same moment.
    for (let round = 0; round < 3; round += 1) {
      clock.advance("61s");
      polls.push(...(await nodes(10, poll)));
    }
    expect(polls.filter(({ status: value }) => value === 200)).toHaveLength(1);
    expect(polls.map(status).filter((value) => value !== 200 && value !== 400)).toEqual([]);
  });

  test("registrations: known at both, ended once by one of many, and by nobody who is too late", async () => {
    const metadata = JSON.stringify({ client_name: "Calendar", redirect_uris: ["https://app.example.com/cb"] });
    const { body } = await post(one, "/oauth/register", metadata, json);
    const headers = { authorization: `Bearer ${String(body["registration_access_token"])}` };
    const path = `/oauth/register/${String(body["client_id"])}`;
    const send = async (on: TestLatchkey, method: string, text?: string) => {
      const sent = text === undefined ? { method, headers } : { method, headers: { ...headers, ...json }, body: text };
      return (await on.fetch(new Request(issuer + path, sent))).status;
    };
    expect((await get(other, path, headers)).body).toMatchObject({ client_name: "Calendar" });
    const changed = JSON.stringify({ client_id: body["client_id"], client_name: "Diary", redirect_uris: ["https://app.example.com/cb"] });
    expect(await send(other, "PUT", changed)).toBe(200);
    expect((await get(one, path, headers)).body).toMatchObject({ client_name: "Diary" });
    const ends = await nodes(10, (on) => send(on, "DELETE"));
    expect(ends.filter((value) => value !== 204 && value !== 401)).toEqual([]);
    expect(ends).toContain(204);
    const late = await nodes(4, (on, index) => send(on, index < 2 ? "GET" : "PUT", index < 2 ? undefined : changed));
    expect(late).toEqual([401, 401, 401, 401]);
    const told = (await one.audit.list()).filter(({ action }) => action === "client.deleted");
    expect(told).toHaveLength(1);
  });

  test("registrations: of which nobody made use go, whichever node is asked and however many register meanwhile", async () => {
    const register = async (on: TestLatchkey) =>
      post(on, "/oauth/register", JSON.stringify({ redirect_uris: ["https://app.example.com/cb"] }), json);
    const unused = await nodes(6, register);
    clock.advance("8d");
    const later = await nodes(6, register);
    expect([...unused, ...later].map(status)).toEqual(Array.from({ length: 12 }, () => 201));
    const left = (await one.clients.list()).map(({ id }) => id).toSorted();
    expect(left).toEqual(later.map(({ body }) => String(body["client_id"])).toSorted());
  });
}
