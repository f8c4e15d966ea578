import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Dialect, MysqlDialect, sql, SqliteDialect, type SqliteDatabase } from "kysely";
import Database from "libsql";
import { kysely } from "latchkey/kysely";
import { postgres } from "latchkey/postgres";
import { sqlite } from "latchkey/sqlite";
import { storeSuite } from "../src/testing/suites/index.ts";
import { postgresDialect, sqliteDialect } from "./dialects.ts";
import { describeWithPostgres, emptyPostgres } from "./services.ts";

/** Notes each lock that is met; `onFirst` lets go of it. */
function countingLocks(handle: Database.Database, onFirst: () => void) {
  const codes: string[] = [];
  const database = {
    close: () => handle.close(),
    prepare(text: string) {
      const statement = handle.prepare(text);
      const noting = (use: () => unknown) => {
        try {
          return use();
        } catch (error) {
          if (codes.push((error as { code: string }).code) === 1) onFirst();
          throw error;
        }
      };
      return {
        reader: statement.reader,
        all: (values: readonly unknown[]) => noting(() => statement.all(values)),
        run: (values: readonly unknown[]) => noting(() => statement.run(values)),
      };
    },
  } as unknown as SqliteDatabase;
  return { database, codes };
}

describe("the store on SQLite", () => {
  const suite = storeSuite(() => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
    return { open: () => sqlite(join(folder, "a.db")), remove: () => rmSync(folder, { recursive: true, force: true }) };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});

describeWithPostgres("the store on PostgreSQL", () => {
  const suite = storeSuite(async () => {
    const url = await emptyPostgres();
    return {
      // A machine that is busy with other tests may keep a hundred waiting for longer than a server should.
      open: () => postgres(url, { connectTimeoutMs: 15_000, statementTimeoutMs: 15_000 }),
      remove: () => undefined,
    };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());
});

describe("the store on a Kysely dialect of SQLite", () => {
  const suite = storeSuite(() => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
    return { open: () => kysely(sqliteDialect(join(folder, "a.db"))), remove: () => rmSync(folder, { recursive: true, force: true }) };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());

  test("commits again after a statement that met another node's lock, which libsql leaves in progress [attack:ST-07]", async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
    const other = new Database(join(folder, "a.db"));
    other.exec("pragma journal_mode = wal");
    other.exec("begin immediate");
    const met = countingLocks(new Database(join(folder, "a.db")), () => other.exec("commit"));
    const store = kysely(new SqliteDialect({ database: met.database }));
    await store.migrate([]);
    await store.write((transaction) => sql`create table after_it (id text)`.execute(transaction));
    await store.close();
    // The lock; and no commit that was refused for it.
    expect(met.codes).toEqual(["SQLITE_BUSY"]);
    other.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("refuses what is no dialect, and one whose SQL is not spoken here", () => {
    expect(() => kysely({} as Dialect)).toThrow(/dialect/);
    expect(() => kysely(new MysqlDialect({ pool: {} as never }))).toThrow(/^sql: .*MysqlAdapter.*sqlite or postgres/s);
    expect(() => kysely(new MysqlDialect({ pool: {} as never }), { sql: "mysql" as "sqlite" })).toThrow(/sqlite or postgres/);
  });
});

describeWithPostgres("the store on a Kysely dialect of PostgreSQL", () => {
  const suite = storeSuite(async () => {
    const url = await emptyPostgres();
    return { open: () => kysely(postgresDialect(url, Number)), remove: () => undefined };
  });
  test.each(suite.map(({ name, run }) => [name, run] as const))("%s", (_, run) => expect(run()).resolves.toBeUndefined());

  test("refuses a driver that answers whole numbers as texts", async () => {
    const store = kysely(postgresDialect(await emptyPostgres(), String));
    await expect(store.migrate([])).rejects.toThrow(/bigint as string.*setTypeParser\(20/s);
    await store.close();
  });

  test("commits nothing of a job that overlooked a failed statement", async () => {
    const store = kysely(postgresDialect(await emptyPostgres(), Number));
    const job = store.write<never, void>(async (transaction) => {
      await transaction.schema.createTable("half").addColumn("id", "text").execute();
      await transaction.schema
        .dropTable("nothing")
        .execute()
        .catch(() => undefined);
    });
    await expect(job).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE" });
    await store.close();
  });
});
