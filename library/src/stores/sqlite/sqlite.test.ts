import { type Kysely, sql } from "kysely";
import Database from "libsql";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../../contracts/index.ts";
import { sqlite, type SqliteHandle } from "./index.ts";

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

/** Reads all things at once, as the gate does. */
const reading = (of: Store) => of.prepare(of.database<Tables>().selectFrom("thing").select("id").where("id", "<>", ""));

test("reads of one turn see one state, those of the next what was committed since", async () => {
  const read = reading(store);
  const other = new Database(join(folder, "a.db"));
  expect(await read("")).toEqual([]);
  const [before] = [read(""), other.exec("insert into thing values ('a')")];
  const after = read("");
  await new Promise((resume) => setImmediate(resume));
  expect([await before, await after, await read("")]).toEqual([[], [], [{ id: "a" }]]);
  other.close();
});

test("a read that follows a commit which was noticed sees it in the same turn", async () => {
  const read = reading(store);
  const other = new Database(join(folder, "a.db"));
  store.committedElsewhere();
  const before = read("");
  other.exec("insert into thing values ('a')");
  expect(store.committedElsewhere()).toBe(true);
  const after = read("");
  expect([await before, await after]).toEqual([[], [{ id: "a" }]]);
  other.close();
});

test("a read that follows a commit of its own process sees it in the same turn", async () => {
  const read = reading(store);
  let left = 1_000;
  let seen: unknown = [];
  // Between two microtasks no turn ends.
  const look = (): void => {
    seen = read("");
    if ((seen as unknown[]).length === 0 && (left -= 1) > 0) queueMicrotask(look);
  };
  await store.write<Tables, void>(async (transaction) => {
    await transaction.insertInto("thing").values({ id: "a" }).execute();
    look();
  });
  expect(seen).toEqual([{ id: "a" }]);
});

test("a read beside an open transaction sees nothing of it", async () => {
  const read = reading(store);
  expect(await read("")).toEqual([]);
  const seen = store.write<Tables, unknown>(async (transaction) => {
    await transaction.insertInto("thing").values({ id: "a" }).execute();
    return read("");
  });
  expect(await seen).toEqual([]);
  expect(await read("")).toEqual([{ id: "a" }]);
});

test("a write begins whatever is being read in that turn, and undone it leaves nothing to read", async () => {
  const read = reading(store);
  const seen = [await read("")];
  const failed = store.write<Tables, void>(async (transaction) => {
    await transaction.insertInto("thing").values({ id: "b" }).execute();
    throw new TypeError("not wanted");
  });
  // Between its being asked for and its beginning.
  seen.push(await read(""));
  await expect(failed).rejects.toThrow("not wanted");
  seen.push(await read(""));
  expect(seen).toEqual([[], [], []]);
  await add(store, "c");
  expect(await read("")).toEqual([{ id: "c" }]);
});

test("prepares nothing but what reads", () => {
  const write = store.prepare(store.database<Tables>().deleteFrom("thing").where("id", "=", "").returning("id"));
  expect(() => write("a")).toThrow("Only a select can be prepared as a read.");
});

/** Pages of the log, and how many of them are in the database: as SQLite itself tells it. */
function logOf(file: string): { readonly log: number; readonly checkpointed: number } {
  const shm = readFileSync(`${file}-shm`);
  return { log: shm.readUInt32LE(16), checkpointed: shm.readUInt32LE(96) };
}

test("brings a log that has grown over into the database beside the writer, and loses nothing by it", async () => {
  const file = join(folder, "a.db");
  const text = "x".repeat(3_000);
  for (let index = 0; index < 2_000; index += 1) await add(store, `${index} ${text}`);
  // Far below where the writer would do it itself.
  expect(logOf(file).log).toBeLessThan(8_000);
  while (logOf(file).log - logOf(file).checkpointed >= 1_000) await new Promise((resume) => setImmediate(resume));
  await store.close();
  store = sqlite(file);
  const rows = await store.database<Tables>().selectFrom("thing").select("id").execute();
  expect(rows).toHaveLength(2_000);
});

test("begins the log anew now and then, however quickly one write follows the other, and never brings it over by itself", async () => {
  const file = join(folder, "a.db");
  const text = "x".repeat(3_000);
  let most = 0;
  // Twelve thousand pages, always with one more waiting.
  for (let index = 0; index < 120; index += 1) {
    await Promise.all(
      [0, 1].map((half) =>
        store.write<Tables, void>(async (transaction) => {
          for (let row = 0; row < 50; row += 1) {
            await transaction
              .insertInto("thing")
              .values({ id: `${index} ${half} ${row} ${text}` })
              .execute();
          }
        }),
      ),
    );
    most = Math.max(most, logOf(file).log);
  }
  expect(most).toBeLessThan(9_000);
  expect(logOf(file).log).toBeLessThan(most);
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

test("works in the file of an open handle beside the app, and leaves the handle to it", async () => {
  const handle = new Database(join(folder, "app.db"));
  handle.exec("create table app (id text)");
  const beside = sqlite(handle);
  await beside.migrate(sets);
  await add(beside, "ours");
  handle.exec("insert into app values ('theirs')");
  expect(handle.prepare("select id from thing").all()).toMatchObject([{ id: "ours" }]);
  await beside.close();
  expect(handle.prepare("select id from app").all()).toMatchObject([{ id: "theirs" }]);
  handle.close();
});

test("refuses a handle whose database is no file", () => {
  const inMemory = new Database(":memory:") as unknown as SqliteHandle;
  const refused = expect.objectContaining({ code: "LATCHKEY_OPTION_INVALID", option: "sqlite" });
  expect(() => sqlite(inMemory)).toThrow(refused);
  expect(() => sqlite({} as SqliteHandle)).toThrow(refused);
});

test("removes the folder of a database in memory when it is closed", async () => {
  const inMemory = sqlite(":memory:");
  await inMemory.migrate(sets);
  await add(inMemory, "a");
  const [{ file }] = (await sql<{ file: string }>`pragma database_list`.execute(inMemory.database())).rows as [{ file: string }];
  expect(existsSync(file)).toBe(true);
  await inMemory.close();
  await inMemory.close();
  expect(existsSync(file)).toBe(false);
});
