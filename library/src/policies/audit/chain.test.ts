import Libsql from "libsql";
import { Kysely, SqliteDialect } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { deriveKeys } from "../../primitives/index.ts";
import { appendRows, type ChainedRow } from "./chain.ts";
import { createHeads, type HeadTables } from "./heads.ts";
import { verifyChains } from "./verify-chain.ts";

interface Tables extends HeadTables {
  event: ChainedRow & { what: string };
}

const old = "an old master secret of more than 32 bytes";
const current = "a current master secret of more than 32 bytes";
let database: Kysely<Tables>;

beforeEach(async () => {
  database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Libsql(":memory:") }) });
  const head = database.schema.createTable("latchkey_audit_head").addColumn("writer", "text", (column) => column.primaryKey());
  await head
    .addColumn("seq", "bigint")
    .addColumn("last_mac", "text")
    .addColumn("start_seq", "bigint")
    .addColumn("start_mac", "text")
    .addColumn("key_id", "text")
    .addColumn("mac", "text")
    .execute();
  const event = database.schema.createTable("event").addColumn("writer", "text").addColumn("seq", "bigint");
  await event.addColumn("key_id", "text").addColumn("mac", "text").addColumn("what", "text").execute();
});
afterEach(() => database.destroy());

async function append(transaction: Kysely<Tables>, writer: string, what: string, secrets = [old]): Promise<void> {
  const [key] = deriveKeys(secrets, "audit-chain");
  const insert = (rows: Tables["event"][]) => transaction.insertInto("event").values(rows).execute();
  await appendRows(transaction as unknown as Kysely<HeadTables>, [{ what }], { writer, key, insert, heads: createHeads() });
}

async function three(): Promise<void> {
  for (const what of ["one", "two", "three"]) await append(database, "a", what);
}

async function* rowsOf({ writer, seq }: { writer: string; seq: number }) {
  yield* await database.selectFrom("event").selectAll().where("writer", "=", writer).where("seq", "<=", seq).orderBy("seq").execute();
}

async function verdict(secrets = [old]) {
  const heads = await database
    .selectFrom("latchkey_audit_head as head")
    .selectAll("head")
    .select((from) =>
      from
        .selectFrom("event")
        .whereRef("writer", "=", "head.writer")
        .select((of) => of.fn.max("seq").as("newest"))
        .as("newest"),
    )
    .execute();
  return verifyChains(heads, rowsOf as never, deriveKeys(secrets, "audit-chain"));
}

describe("the audit chain", () => {
  it("is sound as written, with a line for each of two nodes that append in turn [attack:AU-04]", async () => {
    for (const writer of ["a", "b", "a", "b", "b"]) await append(database, writer, "x");
    expect(await verdict()).toEqual({ sound: true, rows: 5, writers: 2 });
  });

  it("stays sound after the master secret was rotated, and needs the old one to say so", async () => {
    await three();
    await append(database, "a", "four", [current, old]);
    expect(await verdict([current, old])).toEqual({ sound: true, rows: 4, writers: 1 });
    expect(await verdict([current])).toMatchObject({ sound: false, seq: 1 });
  });

  it("goes on from what stands when one job of a batch is rolled back to its savepoint", async () => {
    const transaction = await database.startTransaction().execute();
    await append(transaction, "a", "kept");
    const point = await transaction.savepoint("job").execute();
    await append(point, "a", "undone");
    const back = await point.rollbackToSavepoint("job").execute();
    await append(back, "a", "kept too");
    await back.commit().execute();
    expect(await verdict()).toEqual({ sound: true, rows: 2, writers: 1 });
  });

  it("names the row that was edited [attack:AU-04]", async () => {
    await three();
    await database.updateTable("event").set({ what: "other" }).where("seq", "=", 2).execute();
    expect(await verdict()).toMatchObject({ sound: false, writer: "a", seq: 2 });
  });

  it("names the row that was deleted [attack:AU-04]", async () => {
    await three();
    await database.deleteFrom("event").where("seq", "=", 2).execute();
    expect(await verdict()).toMatchObject({ sound: false, writer: "a", seq: 2 });
  });

  it("names the first of two rows that were swapped [attack:AU-04]", async () => {
    await three();
    for (const [from, to] of [
      [2, 9],
      [3, 2],
      [9, 3],
    ] as const)
      await database.updateTable("event").set({ seq: to }).where("seq", "=", from).execute();
    expect(await verdict()).toMatchObject({ sound: false, writer: "a", seq: 2 });
  });

  it("names the place where the tail was cut [attack:AU-04]", async () => {
    await three();
    await database.deleteFrom("event").where("seq", "=", 3).execute();
    expect(await verdict()).toMatchObject({ sound: false, seq: 3, reason: "the tail is cut: the head says 3" });
  });

  it("names a row that was put in behind the head [attack:AU-04]", async () => {
    await three();
    await database.insertInto("event").values({ writer: "a", seq: 4, key_id: "k", mac: "m", what: "forged" }).execute();
    expect(await verdict()).toMatchObject({ sound: false, writer: "a", seq: 4, reason: "the row was put in behind the head" });
  });

  it("sees a head that was moved back to fit a cut tail [attack:AU-04]", async () => {
    await three();
    const { mac } = await database.selectFrom("event").select("mac").where("seq", "=", 2).executeTakeFirstOrThrow();
    await database.deleteFrom("event").where("seq", "=", 3).execute();
    await database.updateTable("latchkey_audit_head").set({ seq: 2, last_mac: mac }).where("writer", "=", "a").execute();
    expect(await verdict()).toMatchObject({ sound: false, reason: "the head was changed" });
  });

  it("sees a writer that was removed whole [attack:AU-04]", async () => {
    await three();
    await append(database, "b", "x");
    await database.deleteFrom("event").where("writer", "=", "b").execute();
    await database.deleteFrom("latchkey_audit_head").where("writer", "=", "b").execute();
    expect(await verdict()).toMatchObject({ sound: false, reason: "the head of a writer is missing" });
  });
});
