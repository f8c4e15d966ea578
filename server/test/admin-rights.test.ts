import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { basicHeader } from "latchkey/testing";
import { type AdminHouse, openAdmin, password } from "./admin-house.ts";

let house: AdminHouse;
let admin: { id: string; cookie: string };

beforeAll(async () => {
  house = await openAdmin();
  admin = await house.person("root@example.com", "admin");
});
afterAll(() => house.close());

const filled = (path: string) => path.replace("/admin/api", "").replaceAll(/\{\w+\}/g, "nobody");

describe("every operation of the document", () => {
  const guarded = () => house.operations.filter(({ scope }) => scope !== undefined);

  test("is refused with 401 to who sends no credential", async () => {
    expect(guarded().length).toBeGreaterThan(25);
    for (const { method, path } of guarded()) {
      const { status, json } = await house.ask(method, filled(path));
      expect([path, status, json.code]).toEqual([path, 401, "request.no-credential"]);
    }
  });

  test("is refused to a key with every other scope, and open to one with its own only [attack:AZ-01]", async () => {
    const scopes = [...new Set(guarded().map(({ scope }) => scope!))];
    const keys = new Map<string, { own: string; others: string }>();
    for (const scope of scopes) {
      keys.set(scope, {
        own: await house.keyWith(scope),
        others: await house.keyWith(...scopes.filter((one) => one !== scope), "admin", "admin:", "*", `${scope}:x`, "admin:**"),
      });
    }
    for (const { method, path, scope } of guarded()) {
      const { own, others } = keys.get(scope!)!;
      const refused = await house.ask(method, filled(path), { key: others });
      expect([path, refused.status, refused.json.code]).toEqual([path, 403, "authorization.may-not"]);
      expect(refused.json.detail).toContain(scope);
      const { status } = await house.ask(method, filled(path), { key: own });
      expect([path, [200, 201, 204, 400, 404, 409].includes(status)]).toEqual([path, true]);
    }
  });

  test("answers a method that it does not have with 405 or 404, and never 5xx", async () => {
    for (const { path } of house.operations) {
      const { status } = await house.ask("PATCH", filled(path), { cookie: admin.cookie, body: {} });
      expect(status).toBe(405);
    }
    expect((await house.ask("GET", "/nothing-here", { cookie: admin.cookie })).status).toBe(404);
  });
});

describe("who may administer", () => {
  test("is a person with the role, and a program's key with admin:*", async () => {
    expect((await house.ask("GET", "/me", { cookie: admin.cookie })).json).toMatchObject({ subject: admin.id, email: "root@example.com" });
    expect((await house.ask("GET", "/overview", { key: await house.keyWith("admin:*") })).status).toBe(200);
  });

  test("is nobody who gave the own key such a scope [attack:AD-02]", async () => {
    const person = await house.person("mallory@example.com");
    const made = await fetch(`${house.site}/keys`, {
      method: "POST",
      headers: { cookie: person.cookie, origin: house.site, "content-type": "application/json" },
      body: JSON.stringify({ name: "mine", scopes: ["admin:*", "admin:users:read"] }),
    });
    const { key } = (await made.json()) as { key: string };
    expect((await house.ask("GET", "/users", { key })).json.code).toBe("authorization.may-not");
    await house.auth.roles.grant(person.id, "admin");
    expect((await house.ask("GET", "/users", { key })).status).toBe(200);
    await house.auth.roles.revoke(person.id, "admin");
    expect((await house.ask("GET", "/users", { key })).status).toBe(403);
  });

  test("is no administrator's key without a right of its own", async () => {
    const { key } = await house.auth.apiKeys.issue({ name: "plain", owner: admin.id, scopes: ["posts:read"] });
    expect((await house.ask("GET", "/users", { key })).status).toBe(403);
  });

  test("is no signed-in person without the role", async () => {
    const { cookie } = await house.person("ada@example.com", "editor");
    expect((await house.ask("GET", "/users", { cookie })).json.code).toBe("authorization.may-not");
  });

  test("is nobody by Basic, which a browser sends along by itself, nor by a token", async () => {
    const basic = await house.ask("GET", "/users", { headers: basicHeader("root@example.com", password) });
    expect([basic.status, basic.json.code]).toEqual([401, "request.method-not-accepted"]);
    const { token } = await house.auth.tokens.issue({ subject: admin.id, scopes: ["admin:*"] });
    expect((await house.ask("GET", "/users", { headers: { authorization: `Bearer ${token}` } })).json.code).toBe(
      "request.method-not-accepted",
    );
  });
});

describe("a change by session", () => {
  test("must come from a page of ours: csrf.foreign-page, csrf.unproven [attack:AD-03]", async () => {
    const { id } = await house.person("victim@example.com");
    for (const headers of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { origin: "null", "sec-fetch-site": "cross-site" },
    ]) {
      const { status, json } = await house.ask("POST", `/users/${id}/disable`, { cookie: admin.cookie, headers });
      expect([status, json.code]).toEqual([403, "csrf.foreign-page"]);
    }
    const bare = await fetch(`${house.site}/admin/api/users/${id}/disable`, { method: "POST", headers: { cookie: admin.cookie } });
    expect(((await bare.json()) as { code: string }).code).toBe("csrf.unproven");
    expect((await house.auth.users.find(id))?.disabledAt).toBeUndefined();
  });

  test("that gives a right needs a sign-in of the last 15 minutes; one that stops somebody does not", async () => {
    const person = await house.person("late@example.com", "admin");
    const other = await house.person("stopped@example.com");
    house.auth.clock.advance("16m");
    for (const [method, path, body] of [
      ["POST", "/users", { email: "new@example.com" }],
      ["POST", "/api-keys", { name: "x" }],
      ["PUT", `/users/${other.id}/roles/editor`, undefined],
      ["PUT", "/roles/editor", { permissions: [] }],
      ["POST", `/users/${other.id}/enable`, undefined],
    ] as const) {
      const { status, json } = await house.ask(method, path, { cookie: person.cookie, body });
      expect([path, status, json.code]).toEqual([path, 401, "authorization.sign-in-too-old"]);
    }
    expect((await house.ask("POST", `/users/${other.id}/disable`, { cookie: person.cookie })).status).toBe(200);
    const { cookie } = await house.auth.sessions.create({ user: admin.id });
    admin = { ...admin, cookie: cookie.split(";")[0]! };
  });
});

describe("a key with a part of the rights cannot make more of itself: admin.beyond-own", () => {
  const codeOf = async (method: string, path: string, scope: string, body?: unknown) =>
    (await house.ask(method, path, { key: await house.keyWith(scope), body })).json.code as string;

  test("by a new key that administers", async () => {
    for (const body of [{ scopes: ["admin:*"] }, { scopes: ["admin:users:read"] }, { roles: ["admin"] }])
      expect(await codeOf("POST", "/api-keys", "admin:api-keys:write", { name: "more", ...body })).toBe("admin.beyond-own");
  });

  test("by the new secret of one that does, or by ending it", async () => {
    const { record } = await house.auth.apiKeys.issue({ name: "root", scopes: ["admin:*"] });
    expect(await codeOf("POST", `/api-keys/${record.id}/rotate`, "admin:api-keys:write", {})).toBe("admin.beyond-own");
    expect(await codeOf("DELETE", `/api-keys/${record.id}`, "admin:api-keys:write")).toBe("admin.beyond-own");
  });

  test("by the role, a user with a role, or what the role means", async () => {
    const { id } = await house.person("climber@example.com");
    expect(await codeOf("PUT", `/users/${id}/roles/admin`, "admin:roles:write")).toBe("admin.beyond-own");
    expect(await codeOf("DELETE", `/users/${admin.id}/roles/admin`, "admin:roles:write")).toBe("admin.beyond-own");
    expect(await codeOf("POST", "/users", "admin:users:write", { email: "second@example.com", roles: ["admin"] })).toBe("admin.beyond-own");
    expect(await codeOf("PUT", "/roles/admin", "admin:roles:write", { permissions: ["everything"] })).toBe("admin.beyond-own");
  });

  test("by stopping an administrator", async () => {
    expect(await codeOf("POST", `/users/${admin.id}/disable`, "admin:users:write")).toBe("admin.beyond-own");
    expect(await codeOf("DELETE", `/users/${admin.id}`, "admin:users:write")).toBe("admin.beyond-own");
  });
});

test("nobody stops the own account or the role itself: admin.own-account, admin.role-needed", async () => {
  for (const [method, path] of [
    ["POST", `/users/${admin.id}/disable`],
    ["DELETE", `/users/${admin.id}`],
    ["DELETE", `/users/${admin.id}/roles/admin`],
  ] as const) {
    const { status, json } = await house.ask(method, path, { cookie: admin.cookie });
    expect([status, json.code]).toEqual([409, "admin.own-account"]);
  }
  expect((await house.ask("DELETE", "/roles/admin", { cookie: admin.cookie })).json.code).toBe("admin.role-needed");
});
