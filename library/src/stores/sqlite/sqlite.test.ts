import type { Kysely } from "kysely";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../../contracts/index.ts";
import { sqlite } from "./index.ts";

interface Tables {
  thing: { id: string };
}

const create = async (database: Kysely<unknown>): Promise<void> => {
  await database.schema
    .createTable("thing")
    .addColumn("id", "text", (column) => column.primaryKey())
    .execute();
};
const sets = [{ name: "thing", migrations: [{ name: "0001-create", up: create }] }];

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  store = sqlite(join(folder, "a.db"));
  await store.migrate(sets);
});

afterEach(async () => {
  await store.close().catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

const add = (to: Store, id: string, failure?: Error): Promise<void> =>
  to.write<Tables, void>(async (transaction) => {
    await transaction.insertInto("thing").values({ id }).execute();
    if (failure !== undefined) throw failure;
  });

test("notices a commit once", async () => {
  store.committedElsewhere();
  await add(store, "a");
  expect(store.committedElsewhere()).toBe(true);
  expect(store.committedElsewhere()).toBe(false);
});

test("makes a file that only its owner may read", () => {
  expect(statSync(join(folder, "a.db")).mode & 0o777).toBe(0o600);
});

test("refuses a write through the reading connection", async () => {
  const write = store.database<Tables>().insertInto("thing").values({ id: "x" }).execute();
  await expect(write).rejects.toMatchObject({ code: "LATCHKEY_STORE_UNAVAILABLE", cause: { code: "SQLITE_READONLY" } });
});

test("refuses a file that is no database", () => {
  const file = join(folder, "text.db");
  writeFileSync(file, "this is not a database, however long one reads on. ".repeat(100));
  expect(() => sqlite(file)).toThrow(expect.objectContaining({ code: "LATCHKEY_STORE_UNAVAILABLE" }));
});
