import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AdminHouse, openAdmin } from "./admin-house.ts";

let house: AdminHouse;
let key: string;
/** Each a millisecond after the one before, so that there is an order. */
const ask = (method: string, path: string, body?: unknown) => {
  house.auth.clock.advance(1);
  return house.ask(method, path, { key, body });
};
const whoami = (secret: string) => fetch(`${house.site}/whoami`, { headers: { "x-api-key": secret } }).then(({ status }) => status);

beforeAll(async () => {
  house = await openAdmin();
  key = await house.keyWith("admin:*");
});
afterAll(() => house.close());

describe("users", () => {
  test("are made, found by the beginning of their address, and listed page by page", async () => {
    for (const name of ["ada", "Adam", "bob"]) {
      const { status, json } = await ask("POST", "/users", { email: `${name}@search.example`, roles: ["reader"] });
      expect([status, json.roles]).toEqual([201, ["reader"]]);
    }
    const { json } = await ask("GET", "/users?email=ADA&limit=1");
    expect(json.items.map(({ email }: { email: string }) => email)).toEqual(["ada@search.example"]);
    const rest = (await ask("GET", `/users?email=ADA&limit=1&after=${json.next}`)).json;
    expect([rest.items[0].email, rest.next]).toEqual(["Adam@search.example", null]);
    expect((await ask("GET", "/users?email=%25")).json.items).toEqual([]);
  });

  test("with an address that somebody has are refused: admin.email-taken", async () => {
    await ask("POST", "/users", { email: "twice@example.com" });
    expect((await ask("POST", "/users", { email: "TWICE@example.com" })).json.code).toBe("admin.email-taken");
  });

  test("that are disabled are refused from the next request on, and let in again when enabled", async () => {
    const { id } = (await ask("POST", "/users", { email: "stop@example.com" })).json;
    const owned = (await ask("POST", "/api-keys", { name: "theirs", owner: id })).json;
    expect(await whoami(owned.key)).toBe(200);
    expect((await ask("POST", `/users/${id}/disable`)).json.disabledAt).not.toBeNull();
    expect(await whoami(owned.key)).toBe(401);
    expect((await ask("POST", `/users/${id}/enable`)).json.disabledAt).toBeNull();
    expect(await whoami(owned.key)).toBe(200);
    expect((await ask("DELETE", `/users/${id}`)).status).toBe(204);
    expect(await whoami(owned.key)).toBe(401);
    expect((await ask("GET", `/users/${id}`)).json.code).toBe("admin.not-found");
  });

  test("get and lose roles", async () => {
    const { id } = (await ask("POST", "/users", { email: "roles@example.com" })).json;
    expect((await ask("PUT", `/users/${id}/roles/editor`)).json.roles).toEqual(["editor"]);
    expect((await ask("DELETE", `/users/${id}/roles/editor`)).json.roles).toEqual([]);
    expect((await ask("PUT", "/users/usr_nobody/roles/editor")).status).toBe(404);
  });
});

describe("API keys", () => {
  test("are shown once, listed without their secret, rotated and revoked, each from the next request on", async () => {
    const { status, json: made } = await ask("POST", "/api-keys", {
      name: "ci",
      scopes: ["posts:read"],
      expires: "90d",
      rateLimit: "100/1m",
    });
    expect(status).toBe(201);
    expect(await whoami(made.key)).toBe(200);
    const listed = await ask("GET", "/api-keys?limit=1");
    expect(listed.json.items[0].id).toBe(made.id);
    expect(listed.text).not.toContain(made.key);
    const { json: rotated } = await ask("POST", `/api-keys/${made.id}/rotate`, { overlap: "0" });
    expect([await whoami(made.key), await whoami(rotated.key)]).toEqual([401, 200]);
    expect((await ask("DELETE", `/api-keys/${made.id}`)).status).toBe(204);
    expect(await whoami(rotated.key)).toBe(401);
    expect((await ask("GET", `/api-keys/${made.id}`)).json.revokedAt).not.toBeNull();
    expect((await ask("POST", `/api-keys/${made.id}/rotate`, {})).status).toBe(404);
  });

  test("are listed by owner, page by page", async () => {
    const { id } = (await ask("POST", "/users", { email: "owner@example.com" })).json;
    for (const name of ["one", "two", "three"]) await ask("POST", "/api-keys", { name, owner: id });
    const first = (await ask("GET", `/api-keys?owner=${id}&limit=2`)).json;
    const second = (await ask("GET", `/api-keys?owner=${id}&limit=2&after=${first.next}`)).json;
    expect([...first.items, ...second.items].map(({ name }: { name: string }) => name)).toEqual(["three", "two", "one"]);
    expect(second.next).toBeNull();
  });
});

test("OAuth clients are registered, listed, given a new secret and deleted; the secret is shown once", async () => {
  const { status, json: made } = await ask("POST", "/clients", { name: "nightly", grants: ["client_credentials"], scopes: ["posts:read"] });
  expect(status).toBe(201);
  expect(made.secret).toMatch(/^lkc_/);
  const listed = await ask("GET", "/clients");
  expect(listed.json.items).toEqual([expect.objectContaining({ id: made.id, name: "nightly", scopes: ["posts:read"] })]);
  expect(listed.text).not.toContain(made.secret);
  const { json: rotated } = await ask("POST", `/clients/${made.id}/rotate-secret`, { overlap: "0" });
  expect(rotated.secret).not.toBe(made.secret);
  expect((await ask("DELETE", `/clients/${made.id}`)).status).toBe(204);
  expect((await ask("GET", `/clients/${made.id}`)).json.code).toBe("admin.not-found");
  expect((await ask("POST", "/clients", { name: "x", grants: ["wishing"] })).json.detail).toMatch(/^grants: /);
});

test("sessions of a user are listed and ended, one or all", async () => {
  const { id, cookie } = await house.person("sessions@example.com");
  await house.auth.sessions.create({ user: id });
  const signedIn = () => fetch(`${house.site}/whoami`, { headers: { cookie } }).then(({ status }) => status);
  const { items } = (await ask("GET", `/sessions?user=${id}`)).json;
  expect(items).toHaveLength(2);
  expect(await signedIn()).toBe(200);
  for (const session of items) expect((await ask("DELETE", `/sessions/${session.id}`)).status).toBe(204);
  expect(await signedIn()).toBe(401);
  expect((await ask("DELETE", `/sessions/${items[0].id}`)).json.code).toBe("admin.not-found");
  await house.auth.sessions.create({ user: id });
  expect((await ask("DELETE", `/users/${id}/sessions`)).json).toEqual({ ended: 1 });
});

describe("the audit", () => {
  test("tells of a refused request, with what was wrong and where it came from", async () => {
    const { json: made } = await ask("POST", "/api-keys", { name: "leaked" });
    await ask("DELETE", `/api-keys/${made.id}`);
    const refused = await fetch(`${house.site}/whoami`, { headers: { "x-api-key": made.key, "user-agent": "thief/1.0" } });
    const requestId = refused.headers.get("x-request-id")!;
    const { items } = (await ask("GET", `/audit?action=request.refused&outcome=api-key.revoked&request=${requestId}&address=127.0.0.1`))
      .json;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ userAgent: "thief/1.0", request: { path: "/whoami" }, detail: expect.stringContaining(made.id) });
    const { json: why } = await ask("GET", `/decisions/${requestId}`);
    expect(why).toMatchObject({ outcome: "api-key.revoked", seen: [expect.stringContaining("lk_live_")], caller: null });
    expect(JSON.stringify(why)).not.toContain(made.key);
  });

  test("says who did what here, and pages without a gap", async () => {
    const all: { id: string; actor: string | null }[] = [];
    for (let next: string | null = ""; next !== null;) {
      const page: { items: typeof all; next: string | null } = (
        await ask("GET", `/audit?action=api-key.created&limit=2${next === "" ? "" : `&after=${next}`}`)
      ).json;
      all.push(...page.items);
      next = page.next;
    }
    expect(all).toHaveLength((await house.auth.audit.list({ action: "api-key.created" })).length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all[0]!.actor).toMatch(/^key_/);
    expect((await ask("GET", "/audit?since=2099-01-01")).json.items).toEqual([]);
  });

  test("is exported as lines, and verified", async () => {
    const { text, headers } = await ask("GET", "/audit/export?action=api-key.created");
    expect(headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(headers.get("link")).toBeNull();
    for (const line of text.trim().split("\n")) expect(JSON.parse(line)).toMatchObject({ action: "api-key.created" });
    expect((await ask("GET", "/audit/verify")).json).toMatchObject({ sound: true });
  });
});

test("roles are set, listed and removed", async () => {
  expect((await ask("PUT", "/roles/publisher", { permissions: ["posts:publish", "posts:publish"] })).json).toEqual({
    name: "publisher",
    permissions: ["posts:publish"],
  });
  expect((await ask("GET", "/roles")).json.items).toContainEqual({ name: "publisher", permissions: ["posts:publish"] });
  expect((await ask("DELETE", "/roles/publisher")).status).toBe(204);
  expect((await ask("DELETE", "/roles/publisher")).status).toBe(404);
});

test("signing keys rotate and are withdrawn, and tokens are revoked by subject", async () => {
  const { id: subject } = await house.person("tokens@example.com");
  const { token } = await house.auth.tokens.issue({ subject });
  const status = () => fetch(`${house.site}/whoami`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
  expect(await status()).toBe(200);
  house.auth.clock.advance("1s");
  expect((await ask("POST", "/tokens/revoke", { subject })).json).toEqual({ revoked: true });
  expect(await status()).toBe(401);
  const { json: next } = await ask("POST", "/signing-keys/rotate");
  const { items } = (await ask("GET", "/signing-keys")).json;
  expect(items.map(({ state }: { state: string }) => state)).toEqual(["current", "next"]);
  expect((await ask("DELETE", `/signing-keys/${next.id}`)).status).toBe(204);
  expect((await ask("DELETE", "/signing-keys/none")).status).toBe(404);
});

test("the overview counts decisions and tells of the queue of hashes", async () => {
  const { json } = await ask("GET", "/overview");
  expect(json.decisions).toContainEqual(expect.objectContaining({ method: "api-key", outcome: "allowed" }));
  expect(json.hashQueue).toMatchObject({ waiting: 0, refused: 0 });
  expect(json.versions.node).toBe(process.versions.node);
});

describe("bad input gets a 4xx that says what is wrong and what is allowed", () => {
  test.each([
    ["GET", "/users?limit=0", undefined, 400, "limit: it must be a number from 1 to 200."],
    ["GET", "/users?page=2", undefined, 400, 'query: there is no "page" here; allowed: email, after, limit.'],
    ["GET", "/users?email=a%00b", undefined, 400, "email: it must hold no control characters."],
    ["GET", "/sessions", undefined, 400, "user: it must be a string."],
    ["GET", "/audit?since=yesterday", undefined, 400, "since: it must be an instant, such as 2026-11-24T09:00:00Z."],
    ["GET", "/audit?since=2026-13-45", undefined, 400, "since: it must be an instant that there is."],
    ["GET", "/audit?action=nothing.done", undefined, 400, /^action: allowed: admin\.invited, /],
    ["POST", "/users", {}, 400, "email: it must be a string."],
    ["POST", "/users", { email: "nobody" }, 400, /^email: got "nobody"; allowed: an e-mail address/],
    ["POST", "/users", { email: "a@example.com", password: "short" }, 400, /^password: /],
    ["POST", "/users", { email: "a@example.com", isAdmin: true }, 400, /there is no "isAdmin" here; allowed: email, password/],
    ["POST", "/users", { email: "a@example.com", roles: "admin" }, 400, "roles: it must be a list."],
    ["POST", "/users", "[1]", 400, "The body must be a JSON object."],
    ["POST", "/users", "{", 400, "The body is not valid JSON."],
    ["POST", "/api-keys", { name: "x", rateLimit: "fast" }, 400, /^rateLimit: /],
    ["POST", "/api-keys", { name: "x", owner: "usr_nobody" }, 400, /^owner: /],
    ["POST", "/api-keys", { name: "x", allowedAddresses: ["1.2.3.4/99"] }, 400, /^allowedAddresses: /],
    ["POST", "/tokens/revoke", {}, 400, "body: exactly one of id, subject, client, session, grant is needed."],
    ["PUT", "/roles/publisher", { permissions: ["a b"] }, 400, /^permissions/],
    ["GET", "/users/%00", undefined, 404, ""],
    ["GET", "/users/a%0d%0ab", undefined, 404, ""],
    ["GET", "/users/%ff", undefined, 404, ""],
    ["GET", `/users/${"x".repeat(4_000)}`, undefined, 404, ""],
    ["PUT", "/users/usr_x/roles/%2e%2e%2fadmin", undefined, 404, ""],
  ] as const)("%s %s %j", async (method, path, body, status, detail) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    const said = String(answer.json.detail ?? "");
    expect([said, typeof detail === "string" ? said === detail : detail.test(said)]).toEqual([said, true]);
  });

  test("and never a 5xx, whatever bytes are sent", async () => {
    const bits = [
      "%",
      "%00",
      "%ff%fe",
      "'",
      '"',
      "../",
      "\\",
      "%f0%9f%92%a9",
      "__proto__",
      "constructor",
      "-1",
      "9".repeat(400),
      "[]",
      "&limit=1&limit=2",
    ];
    for (const bit of bits) {
      for (const path of [
        `/users?email=${bit}`,
        `/users?after=${bit}`,
        `/users/${bit}`,
        `/audit?after=${bit}`,
        `/decisions/${bit}`,
        `/api-keys?owner=${bit}`,
      ])
        expect([path, (await ask("GET", path)).status < 500]).toEqual([path, true]);
    }
    for (const body of [
      "\u0000",
      '{"email":"\\u0000@x.example"}',
      '{"__proto__":{"roles":["admin"]},"email":"p@example.com"}',
      "{".repeat(5_000),
    ])
      expect((await ask("POST", "/users", body)).status).toBeLessThan(500);
    expect(house.auth.faults).toEqual([]);
  });
});
