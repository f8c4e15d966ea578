import Libsql from "libsql";
import { Kysely, SqliteDialect } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compiledOnce, insertOnce } from "./compiled-once.ts";

interface Tables {
  thing: { id: string; size: number | null };
}

let database: Kysely<Tables>;
beforeEach(async () => {
  database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Libsql(":memory:") }) });
  await database.schema.createTable("thing").addColumn("id", "text").addColumn("size", "integer").execute();
});
afterEach(() => database.destroy());

it("runs with the values that it is given each time, not with the samples", async () => {
  const insert = insertOnce<Tables, "thing">("thing");
  const find = compiledOnce<Tables, { id: string }>((from) => from.selectFrom("thing").select("id").where("size", "=", 0));
  await insert(database, { id: "one", size: 1 });
  await insert(database, { id: "two", size: 2 });
  expect((await find(database, [2])).rows).toEqual([{ id: "two" }]);
  expect((await find(database, [1])).rows).toEqual([{ id: "one" }]);
});

it("puts values into their columns in whatever order the row has them", async () => {
  const insert = insertOnce<Tables, "thing">("thing");
  await insert(database, { id: "one", size: 1 });
  await insert(database, { size: null, id: "two" });
  expect(await database.selectFrom("thing").selectAll().execute()).toEqual([
    { id: "one", size: 1 },
    { id: "two", size: null },
  ]);
});

it("runs nothing when there are more or fewer values than the statement takes", async () => {
  const find = compiledOnce<Tables>((from) => from.selectFrom("thing").selectAll().where("size", "=", 0));
  await expect(find(database, [])).rejects.toThrow("0 values for a statement that takes 1");
  await expect(find(database, [1, 2])).rejects.toThrow("2 values for a statement that takes 1");
  const insert = insertOnce<Tables, "thing">("thing");
  await insert(database, { id: "one", size: 1 });
  await expect(insert(database, { id: "two", size: 2, more: 3 } as never)).rejects.toThrow(
    "a row with other columns than the first of thing",
  );
});
