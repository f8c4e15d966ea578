import type { Kysely } from "kysely";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Store, UniqueViolation } from "../../contracts/index.ts";
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

const ids = async (of: Store): Promise<string[]> => {
  const rows = await of.database<Tables>().selectFrom("thing").select("id").orderBy("id").execute();
  return rows.map((row) => row.id);
};

test("undoes the writes of a failing job and of no neighbour in its batch", async () => {
  const failure = new Error("mine");
  const ends = await Promise.allSettled([add(store, "a"), add(store, "b", failure), add(store, "c")]);
  expect(ends.map((end) => end.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((ends[1] as PromiseRejectedResult).reason).toBe(failure);
  expect(await ids(store)).toEqual(["a", "c"]);
});

test("lets one of a hundred parallel inserts of the same key win and tells the others so", async () => {
  const ends = await Promise.allSettled(Array.from({ length: 100 }, () => add(store, "same")));
  const lost = ends.filter((end) => end.status === "rejected");
  expect(lost).toHaveLength(99);
  expect(lost.every((end) => end.reason instanceof UniqueViolation)).toBe(true);
});

test("keeps acknowledged writes and applied migrations when opened again", async () => {
  await add(store, "kept");
  await store.close();
  store = sqlite(join(folder, "a.db"));
  await store.migrate(sets);
  expect(await ids(store)).toEqual(["kept"]);
});

test("applies a migration once when two stores migrate one file at the same time", async () => {
  const file = join(folder, "b.db");
  const [one, two] = [sqlite(file), sqlite(file)];
  await Promise.all([one.migrate(sets), two.migrate(sets)]);
  await add(one, "a");
  expect(await ids(two)).toEqual(["a"]);
  await Promise.all([one.close(), two.close()]);
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
  await expect(store.database<Tables>().insertInto("thing").values({ id: "x" }).execute()).rejects.toThrow(/readonly/);
});

test("refuses a file that is no database", () => {
  const file = join(folder, "text.db");
  writeFileSync(file, "this is not a database, however long one reads on. ".repeat(100));
  expect(() => sqlite(file)).toThrow(expect.objectContaining({ code: "LATCHKEY_STORE_UNAVAILABLE" }));
});

test("refuses a write after close", async () => {
  await store.close();
  await expect(add(store, "late")).rejects.toMatchObject({ code: "LATCHKEY_CLOSED" });
});
