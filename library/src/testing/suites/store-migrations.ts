// What every store must do with migrations: once, whole or not at all, and beside an older or newer version.
import assert from "node:assert/strict";
import type { MigrationSet } from "../../contracts/index.ts";
import type { StoreCheck } from "./suite-case.ts";
import { add, ids, type Tables, things } from "./things.ts";

export const migrationChecks: Readonly<Record<string, StoreCheck>> = {
  async "migrates once when two nodes do it at the same time, again and again [attack:ST-07]"(one, other) {
    await Promise.all([one.migrate([things]), other.migrate([things]), one.migrate([things])]);
    await other.migrate([things]);
    await add(one, "a");
    assert.deepEqual(await ids(other), ["a"]);
  },
  async "leaves no trace of a migration that fails, and finishes at the next try [attack:ST-07]"(one, other) {
    const failing: MigrationSet = {
      name: "thing",
      migrations: [
        ...things.migrations,
        {
          name: "0002-note",
          up: async (database) => {
            await database.schema.createIndex("thing_note").on("thing").column("note").execute();
            throw new Error("the power went");
          },
        },
      ],
    };
    await assert.rejects(one.migrate([failing]), /the power went/);
    await assert.rejects(add(one, "a"));
    await other.migrate([things]);
    await add(one, "a");
    assert.deepEqual(await ids(other), ["a"]);
  },
  async "lets an old and a new version work side by side, whichever starts last [attack:ST-07]"(one, other) {
    const newer: MigrationSet = {
      name: "thing",
      migrations: [
        ...things.migrations,
        { name: "0002-extra", up: async (database) => database.schema.alterTable("thing").addColumn("extra", "text").execute() },
      ],
    };
    await one.migrate([things]);
    await add(one, "a");
    const query = one.database<Tables>().selectFrom("thing").selectAll("thing").select("note as last").where("id", "=", "");
    const reads = [one.prepare(query), one.prepare(query, { atMostOne: true })];
    for (const read of reads) assert.deepEqual({ ...(await read("a"))[0] }, { id: "a", count: 0, note: null, last: null });
    await other.migrate([newer]);
    await other.write<Tables, void>(async (transaction) => void (await transaction.updateTable("thing").set({ note: "x" }).execute()));
    // The old version still reads and writes, what it had prepared included; no value is taken for that of another column.
    for (const read of reads) {
      const { id, count, note, last } = (await read("a"))[0] ?? {};
      assert.deepEqual({ id, count, note, last }, { id: "a", count: 0, note: "x", last: "x" });
    }
    await add(one, "b");
    await one.migrate([things]);
    assert.deepEqual(await ids(other), ["a", "b"]);
  },
  async "refuses migrations that are numbered with a gap"(one) {
    await assert.rejects(one.migrate([{ name: "thing", migrations: [{ name: "0002-create", up: async () => undefined }] }]), /0001-/);
  },
};
