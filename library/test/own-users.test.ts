import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SourceUser, Store, UserSource } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { testLatchkey, type TestLatchkey, testRequest } from "latchkey/testing";
import { weakPasswords } from "./accounts-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

/** The app's database, with its own table of people beside Latchkey's. */
interface App {
  readonly store: Store;
  ask(sql: string, ...values: (string | number)[]): Promise<readonly Record<string, unknown>[]>;
  end(): Promise<void>;
}

async function sqliteApp(): Promise<App> {
  const folder = mkdtempSync(join(tmpdir(), "lk-own-"));
  const database = new Database(join(folder, "app.db"));
  const ask: App["ask"] = async (sql, ...values) => {
    const statement = database.prepare(sql.replaceAll(/\$\d/g, "?"));
    return statement.reader ? (statement.all(...values) as Record<string, unknown>[]) : (statement.run(...values), []);
  };
  const end = async () => {
    database.close();
    rmSync(folder, { recursive: true });
  };
  return { store: sqlite(join(folder, "app.db")), ask, end };
}

async function postgresApp(): Promise<App> {
  const url = await emptyPostgres();
  const client = new Client({ connectionString: url });
  await client.connect();
  const ask: App["ask"] = async (sql, ...values) => (await client.query<Record<string, unknown>>(sql, values)).rows;
  return { store: patientPostgres(url), ask, end: () => client.end() };
}

function sourceOf(app: App): UserSource {
  const user = (row: Record<string, unknown> | undefined): SourceUser | undefined =>
    row && {
      id: String(row.nr),
      email: String(row.mail),
      disabled: row.blocked === 1,
      roles: String(row.job) === "" ? [] : [String(row.job)],
    };
  return {
    findById: async (id) => user((await app.ask("select * from people where nr = $1", Number(id) || 0))[0]),
    findByEmail: async (email) => user((await app.ask("select * from people where mail = $1", email))[0]),
    create: async ({ email }) =>
      user(
        (
          await app.ask(
            "insert into people (nr, mail, blocked, job) select coalesce(max(nr), 0) + 1, $1, 0, '' from people returning *",
            email,
          )
        )[0],
      )!,
  };
}

function ownUsers(open: () => Promise<App>) {
  let app: App;
  let auth: TestLatchkey;
  const password = "four quiet grey horses";
  beforeEach(async () => {
    app = await open();
    await app.ask("create table people (nr integer primary key, mail text not null unique, blocked integer not null, job text not null)");
    await app.ask("insert into people values (7, 'ada@example.com', 0, 'editor')");
    auth = await testLatchkey({ store: app.store, users: sourceOf(app), passwords: weakPasswords });
  });
  afterEach(async () => {
    await auth.close();
    await app.end();
  });
  const ask = async (headers: Record<string, string>, rule = auth.rule()) => {
    const decision = await auth.check(testRequest({ headers }), rule);
    return decision.allowed ? decision.principal : decision.refusal.code;
  };
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

  test("are found by the app's ids, with the app's roles and those granted here", async () => {
    expect(await auth.users.setPassword("7", password)).toBe(true);
    await auth.roles.set("reviewer", ["posts:review"]);
    await auth.roles.grant("7", "reviewer");
    const rule = auth.rule({ roles: ["editor"], permission: "posts:review" });
    expect(await ask(basic(`ADA@example.com:${password}`), rule)).toMatchObject({ subject: "7", roles: ["editor", "reviewer"] });
    expect(await auth.users.findByEmail("Ada@Example.com")).toMatchObject({ id: "7", email: "ada@example.com" });
  });

  test("own keys, which die with them", async () => {
    const { key } = await auth.apiKeys.issue({ name: "ci", owner: "7", roles: ["editor"] });
    expect(await ask({ "x-api-key": key })).toMatchObject({ subject: "7", roles: ["editor"] });
    await app.ask("update people set blocked = 1");
    await auth.users.changed("7");
    expect(await ask({ "x-api-key": key })).toBe("api-key.owner-disabled");
    await app.ask("delete from people");
    await auth.users.changed("7");
    expect(await ask({ "x-api-key": key })).toBe("api-key.owner-gone");
    await expect(auth.apiKeys.issue({ name: "ci", owner: "7" })).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID" });
  });

  test("are blocked by the app from the next request after it says so, Basic included", async () => {
    await auth.users.setPassword("7", password);
    expect(await ask(basic(`ada@example.com:${password}`))).toMatchObject({ subject: "7" });
    await app.ask("update people set blocked = 1");
    await auth.users.changed("7");
    expect(await ask(basic(`ada@example.com:${password}`))).toBe("password.user-disabled");
  });

  test("register into the app's table, once each", async () => {
    const register = (email: string) =>
      auth.handle(
        testRequest({
          method: "POST",
          target: "/register",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ email, password }),
        }),
      );
    const [fresh, taken] = [await register("Bob@example.com"), await register("ada@example.com")];
    expect([fresh?.status, taken?.status]).toEqual([201, 201]);
    expect(await app.ask("select mail from people order by nr")).toEqual([{ mail: "ada@example.com" }, { mail: "bob@example.com" }]);
    expect(await ask(basic(`bob@example.com:${password}`))).toMatchObject({ subject: "8" });
    expect(await ask(basic(`ada@example.com:${password}`))).toBe("password.none");
  });

  test("are not made, listed, disabled or imported here; what is kept of them is forgotten on demand", async () => {
    for (const act of [() => auth.users.list(), () => auth.users.disable("7"), () => auth.users.update("7", { emailVerified: true })]) {
      await expect(act()).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID" });
    }
    await auth.users.setPassword("7", password);
    await auth.roles.grant("7", "reviewer");
    await auth.users.delete("7");
    expect(await auth.roles.of("7")).toEqual([]);
    expect(await ask(basic(`ada@example.com:${password}`))).toBe("password.none");
  });
}

describe("an app's own users on SQLite", () => {
  ownUsers(sqliteApp);
});
describeWithPostgres("an app's own users on PostgreSQL", () => {
  ownUsers(postgresApp);
});

test("a source without its two look-ups, or with something else than functions, stops the start", async () => {
  for (const users of [{}, { findById: () => undefined }, { findById: () => undefined, findByEmail: "people" }]) {
    await expect(testLatchkey({ users: users as unknown as UserSource })).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID" });
  }
});

test("a user of the source that is another one than asked for is nobody: a database may compare loosely", async () => {
  const eve: SourceUser = { id: "9", email: "eve@example.com" };
  const auth = await testLatchkey({
    users: { findById: () => eve, findByEmail: () => eve, verifyPassword: () => true },
    passwords: weakPasswords,
  });
  const headers = { authorization: `Basic ${Buffer.from("eve@exämple.com:whatever it is").toString("base64")}` };
  expect(await auth.check(testRequest({ headers }), auth.rule())).toMatchObject({
    allowed: false,
    refusal: { code: "password.unknown-user" },
  });
  expect(await auth.users.find("7")).toBeUndefined();
  await auth.close();
});
