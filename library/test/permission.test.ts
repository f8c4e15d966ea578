import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { createLatchkey, type Latchkey, type RequestView, type RuleOptions } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { testRequest } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";

let folder: string;
let auth: Latchkey;
let id: string;
let headers: Readonly<Record<string, string>>;

const open = () =>
  createLatchkey({
    issuer: "http://localhost:3000",
    store: sqlite(join(folder, "app.db")),
    secret: "a test secret of at least 32 bytes",
    passwords: weakPasswords,
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lk-"));
  auth = await open();
  ({ id } = await auth.users.create({ email: "ada@example.com" }));
  await auth.roles.set("editor", ["posts:delete", "posts:edit"]);
  await auth.roles.grant(id, "editor");
  const { key } = await auth.apiKeys.issue({ name: "ci", owner: id, roles: ["editor"] });
  headers = { "x-api-key": key };
});
afterEach(async () => {
  await auth.close();
  rmSync(folder, { recursive: true });
});

const ask = async <Resource = RequestView>(rule: RuleOptions<Resource>, gate = auth) => {
  const decision = await gate.check(testRequest({ headers, target: "/whoami" }), gate.rule(rule));
  return decision.allowed ? "allowed" : decision.refusal.code;
};

describe("a permission", () => {
  test("lets in whoever has it by one of the roles, and tells 403 otherwise [attack:AZ-02]", async () => {
    expect(await ask({ permission: "posts:delete" })).toBe("allowed");
    expect(await ask({ permission: "posts:publish" })).toBe("authorization.permission-missing");
    const nobody = await auth.check(testRequest({}), auth.rule({ permission: "posts:delete" }));
    expect(nobody).toMatchObject({ allowed: false, refusal: { status: 401 } });
  });

  test.each(["posts", "Posts:delete", "posts:Delete", "posts:delete2", "posts:*", "posts.delete", "ts:delete"])(
    "is compared for equality: %s is another one [attack:AZ-01]",
    async (permission) => {
      expect(await ask({ permission })).toBe("authorization.permission-missing");
      await auth.roles.set("editor", ["posts:*", "posts", "posts:delete.own"]);
      expect(await ask({ permission: "posts:delete" })).toBe("authorization.permission-missing");
    },
  );

  test("holds, and ends, from the next request on, in every process on the database", async () => {
    const other = await open();
    expect(await ask({ permission: "posts:publish" }, other)).toBe("authorization.permission-missing");
    await auth.roles.set("editor", ["posts:publish"]);
    expect(await ask({ permission: "posts:publish" })).toBe("allowed");
    expect(await ask({ permission: "posts:publish" }, other)).toBe("allowed");
    await auth.roles.set("editor", []);
    expect(await ask({ permission: "posts:publish" }, other)).toBe("authorization.permission-missing");
    await other.close();
  });

  test("ends when the role is withdrawn or removed", async () => {
    expect(await auth.roles.revoke(id, "editor")).toBe(true);
    expect(await auth.roles.revoke(id, "editor")).toBe(false);
    expect(await ask({ permission: "posts:delete" })).toBe("authorization.permission-missing");
    await auth.roles.grant(id, "editor");
    expect(await ask({ permission: "posts:delete" })).toBe("allowed");
    expect(await auth.roles.remove("editor")).toBe(true);
    expect(await auth.roles.remove("editor")).toBe(false);
    expect(await ask({ permission: "posts:delete" })).toBe("authorization.permission-missing");
    expect(await ask({ roles: ["editor"] })).toBe("authorization.role-missing");
    expect(await auth.roles.of(id)).toEqual([]);
  });

  test("can be asked inside a route", () => {
    expect(auth.roles.permits({ roles: ["editor"] }, "posts:delete")).toBe(true);
    expect(auth.roles.permits({ roles: ["editor", "ghost"] }, "posts:publish")).toBe(false);
    expect(auth.roles.permits({ roles: [] }, "posts:delete")).toBe(false);
  });

  test("is told to the audit, with who did it", async () => {
    const by = { actor: "cli:root", method: undefined, origin: undefined };
    await auth.roles.set("viewer", ["posts:read"], by);
    await auth.roles.grant(id, "viewer", by);
    await auth.roles.revoke(id, "viewer", by);
    await auth.roles.remove("viewer", by);
    await auth.flush();
    const events = await auth.audit.list();
    const acts = events.filter(({ actor }) => actor === "cli:root").map(({ action }) => action);
    expect(acts.toSorted()).toEqual(["role.granted", "role.removed", "role.set", "role.withdrawn"]);
  });
});

describe("can", () => {
  interface Post {
    readonly author: string;
  }
  const posts = new Map<string, Post>();
  const rule = (over: Partial<RuleOptions<Post>> = {}): RuleOptions<Post> => ({
    permission: "posts:delete",
    resource: (view) => posts.get(view.target),
    can: (principal, action, post) => action === "posts:delete" && post.author === principal.subject,
    ...over,
  });
  beforeEach(() => posts.set("/whoami", { author: id }));
  afterEach(() => posts.clear());

  test("is asked about the one thing that the request is about", async () => {
    expect(await ask(rule())).toBe("allowed");
    posts.set("/whoami", { author: "usr_other" });
    expect(await ask(rule())).toBe("authorization.may-not");
    posts.clear();
    expect(await ask(rule())).toBe("authorization.may-not");
    expect(await ask(rule({ resource: () => Promise.resolve({ author: id }) }))).toBe("allowed");
  });

  test("is not asked of a caller whom the rest of the rule refuses", async () => {
    let asked = 0;
    const can = () => (asked += 1) > 0;
    expect(await ask(rule({ can, permission: "posts:publish" }))).toBe("authorization.permission-missing");
    expect(asked).toBe(0);
  });

  test("gets the request where no resource is named, and its method as the action", async () => {
    expect(await ask({ can: (_, action, view) => action === "GET" && view.target === "/whoami" })).toBe("allowed");
    expectTypeOf<NonNullable<RuleOptions["can"]>>().parameter(2).toEqualTypeOf<RequestView>();
  });

  test.each([1, "true", {}, undefined, null])("lets nobody in by %j: only true does [attack:BA-10]", async (answer) => {
    expect(await ask(rule({ can: () => answer as boolean }))).toBe("authorization.may-not");
    expect(await ask(rule({ can: () => Promise.resolve(answer as boolean) }))).toBe("authorization.may-not");
  });

  test("that throws, or resource that does, is a fault [attack:HT-10]", async () => {
    const away = () => Promise.reject(new Error("away"));
    await expect(ask(rule({ can: away }))).rejects.toMatchObject({ code: "LATCHKEY_RULE_FAILED" });
    await expect(ask(rule({ resource: away }))).rejects.toMatchObject({ code: "LATCHKEY_RULE_FAILED" });
  });

  test("stands in a rule that is built once", () => {
    const request = new Request("http://localhost:3000/", { headers });
    expect(() => auth.check(request, { can: () => true })).toThrow(/auth\.rule/);
  });

  test.each([
    { permission: "" },
    { permission: 7 },
    { permission: "posts delete" },
    { can: true },
    { can: () => true, resource: "post" },
    { can: () => true, action: " " },
    { resource: () => ({}) },
    { action: "delete" },
    { permissions: ["posts:delete"] },
  ])("is checked when the rule is built: %j", (options) => {
    expect(() => auth.rule(options as RuleOptions)).toThrow(expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID" }) as Error);
  });
});
