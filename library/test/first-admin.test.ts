import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store, User } from "latchkey";
import { isRefusal } from "latchkey/endpoints";
import { sqlite } from "latchkey/sqlite";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, postgresForEach } from "./services.ts";

const password = "four quiet grey horses";

function suite(makeStore: () => Store | Promise<Store>): void {
  let auth: TestLatchkey;
  const come = async (token: unknown, email: unknown = "root@example.com", secret: unknown = password) => {
    const made = await auth.firstAdmin.create({ token, email, password: secret });
    return isRefusal(made) ? made.code : made;
  };

  beforeEach(async () => {
    auth = await testLatchkey({ store: await makeStore(), passwords: weakPasswords });
  });
  afterEach(() => auth.close());

  test("makes one administrator, who can sign in, and is told in the audit", async () => {
    const token = (await auth.firstAdmin.invite())!;
    expect(token).toMatch(/^\w{43}$/);
    const user = (await come(token)) as User;
    expect(await auth.roles.of(user.id)).toEqual(["admin"]);
    expect(await auth.firstAdmin.invite()).toBeUndefined();
    const [made, invited] = await auth.audit.list();
    expect([invited!.action, made!.action, made!.actor, made!.method]).toEqual(["admin.invited", "user.created", user.id, "invitation"]);
    expect(JSON.stringify(await auth.audit.list())).not.toContain(token);
  });

  test("works once, for an hour, by the newest secret only: account.invitation-invalid [attack:AD-01]", async () => {
    const older = await auth.firstAdmin.invite();
    const token = await auth.firstAdmin.invite();
    for (const wrong of [older, "", "x".repeat(43), "x".repeat(10_000), "\0", undefined, 7, [token], { token }])
      expect(await come(wrong)).toBe("account.invitation-invalid");
    auth.clock.advance("1h");
    expect(await come(token)).toBe("account.invitation-invalid");
    const good = await auth.firstAdmin.invite();
    expect(await come(good)).toHaveProperty("id");
    expect(await come(good, "second@example.com")).toBe("account.invitation-invalid");
    expect(await auth.users.findByEmail("second@example.com")).toBeUndefined();
  });

  test("lets one of many who come at once in", async () => {
    const token = await auth.firstAdmin.invite();
    const made = await Promise.all(Array.from({ length: 8 }, (_, index) => come(token, `root${index}@example.com`)));
    expect(made.filter((one) => typeof one !== "string")).toHaveLength(1);
    expect(made.filter((one) => one === "account.invitation-invalid")).toHaveLength(7);
    expect(await auth.users.list()).toHaveLength(1);
  });

  test("keeps the secret good for who chose a bad password or address: account.email-taken", async () => {
    await auth.users.create({ email: "taken@example.com" });
    const token = await auth.firstAdmin.invite();
    expect(await come(token, "nobody")).toBe("account.email-invalid");
    expect(await come(token, "root@example.com", "12345678")).toBe("password.common");
    expect(await come(token, "TAKEN@example.com")).toBe("account.email-taken");
    expect(await come(token)).toHaveProperty("id");
  });

  test("is of no use once there is an administrator, and again when that one is disabled", async () => {
    const token = await auth.firstAdmin.invite();
    const { id } = await auth.users.create({ email: "root@example.com", roles: ["admin"] });
    expect(await auth.firstAdmin.invite()).toBeUndefined();
    expect(await come(token, "late@example.com")).toBe("account.invitation-invalid");
    await auth.users.disable(id);
    expect(await auth.firstAdmin.invite()).toBeDefined();
  });
}

describe("the first administrator on SQLite", () => {
  suite(() => sqlite(":memory:"));
});
describeWithPostgres("the first administrator on PostgreSQL", () => {
  const empty = postgresForEach();
  suite(async () => patientPostgres(await empty()));
});

test("is none of ours where the users are an app's own", async () => {
  const auth = await testLatchkey({ users: { findById: () => undefined, findByEmail: () => undefined } });
  expect(await auth.firstAdmin.invite()).toBeUndefined();
  await auth.close();
});
