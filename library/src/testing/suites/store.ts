// What every durable store must do, whatever its database: two nodes on one database, raced where they can meet.
import assert from "node:assert/strict";
import { type Store, UniqueViolation } from "../../contracts/index.ts";
import { compiledOnce } from "../../primitives/index.ts";
import { migrationChecks } from "./store-migrations.ts";
import { type StoreCheck, type StorePlace, type SuiteCase, together } from "./suite-case.ts";
import { add, change, ids, rows, type Tables, things } from "./things.ts";

/** The cases; `make` gives each an empty database. */
export function storeSuite(make: () => StorePlace | Promise<StorePlace>): readonly SuiteCase[] {
  const migrated = Object.entries({ ...writes, ...reads, ...news, ...ends }).map(([name, check]) => caseOf(name, check, true));
  return [...Object.entries(migrationChecks).map(([name, check]) => caseOf(name, check, false)), ...migrated];

  function caseOf(name: string, check: StoreCheck, migrate: boolean): SuiteCase {
    return {
      name,
      async run() {
        const place = await make();
        const opened: Store[] = [];
        const open = (): Store => {
          const store = place.open();
          opened.push(store);
          return store;
        };
        try {
          const [one, other] = [open(), open()];
          if (migrate) await one.migrate([things]);
          await check(one, other, { open, remove: () => undefined });
        } finally {
          await Promise.all(opened.map((store) => store.close()));
          await place.remove();
        }
      },
    };
  }
}

const writes: Readonly<Record<string, StoreCheck>> = {
  async "keeps what was acknowledged, for other nodes and for those that come later"(one, other, place) {
    await add(one, "kept");
    assert.deepEqual(await ids(other), ["kept"]);
    await one.close();
    assert.deepEqual(await ids(place.open()), ["kept"]);
  },
  async "undoes the writes of a job that throws, and of no neighbour"(one) {
    const failure = new Error("mine");
    const ends = await Promise.allSettled([add(one, "a"), add(one, "b", failure), add(one, "c")]);
    assert.deepEqual(
      ends.map((end) => end.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal((ends[1] as PromiseRejectedResult).reason, failure);
    assert.deepEqual(await ids(one), ["a", "c"]);
  },
  async "one of a hundred inserts of the same key wins, on two nodes; the others see a UniqueViolation"(one, other) {
    const ends = await Promise.allSettled(Array.from({ length: 100 }, (_, number) => add(number % 2 === 0 ? one : other, "same")));
    const lost = ends.filter((end) => end.status === "rejected");
    assert.equal(lost.length, 99);
    for (const end of lost) assert.ok(end.reason instanceof UniqueViolation, String(end.reason));
  },
  async "one of a hundred updates that claim a row wins, on two nodes"(one, other) {
    await add(one, "code");
    const claimed = await together(100, (number) =>
      (number % 2 === 0 ? one : other).write<Tables, boolean>(async (transaction) => {
        const { numUpdatedRows } = await transaction
          .updateTable("thing")
          .set({ note: `claimed by ${number}` })
          .where("id", "=", "code")
          .where("note", "is", null)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      }),
    );
    assert.equal(claimed.filter(Boolean).length, 1);
  },
  async "loses no update of a counter, on two nodes, and returns what it became"(one, other) {
    await add(one, "counter");
    const counts = await together(60, (number) =>
      (number % 2 === 0 ? one : other).write<Tables, number>(async (transaction) => {
        const row = await transaction
          .updateTable("thing")
          .set((set) => ({ count: set("count", "+", 1) }))
          .where("id", "=", "counter")
          .returning("count")
          .executeTakeFirstOrThrow();
        return row.count;
      }),
    );
    assert.deepEqual(
      counts.toSorted((a, b) => a - b),
      Array.from({ length: 60 }, (_, index) => index + 1),
    );
  },
  async "inserts or updates in one statement, on two nodes"(one, other) {
    await together(40, (number) =>
      (number % 2 === 0 ? one : other).write<Tables, void>(async (transaction) => {
        await transaction
          .insertInto("thing")
          .values({ id: "upsert", count: 1, note: null })
          .onConflict((conflict) => conflict.column("id").doUpdateSet((set) => ({ count: set("thing.count", "+", 1) })))
          .execute();
      }),
    );
    assert.equal((await rows(one))[0]?.count, 40);
  },
  async "finishes when jobs lock the same rows in different orders"(one, other) {
    await add(one, "a");
    await add(one, "b");
    // Few: PostgreSQL looks for a deadlock only after a second, and ends one job each time.
    await together(6, (number) =>
      (number % 2 === 0 ? one : other).write<Tables, void>(async (transaction) => {
        for (const id of number % 2 === 0 ? ["a", "b"] : ["b", "a"]) {
          await transaction
            .updateTable("thing")
            .set((set) => ({ count: set("count", "+", 1) }))
            .where("id", "=", id)
            .execute();
        }
      }),
    );
    assert.deepEqual(
      (await rows(one)).map(({ count }) => count),
      [6, 6],
    );
  },
};

const reads: Readonly<Record<string, StoreCheck>> = {
  async "answers texts, nulls and whole numbers as they were written"(one, other) {
    const written = [
      { id: "", count: 0, note: null },
      { id: "big", count: Number.MAX_SAFE_INTEGER, note: "" },
      { id: "instant", count: Date.parse("2026-11-24T10:00:00.123Z"), note: "é e\u0301 \u{1f511} ' \" \\ % _ \n\t" },
      { id: "minus", count: -Number.MAX_SAFE_INTEGER, note: "x".repeat(100_000) },
    ];
    await one.write<Tables, void>(async (transaction) => void (await transaction.insertInto("thing").values(written).execute()));
    assert.deepEqual(await rows(other), written);
  },
  async "answers sums and counts as numbers"(one) {
    await add(one, "a", undefined, 2_500_000_000);
    await add(one, "b", undefined, 2_500_000_000);
    const answer = await one
      .database<Tables>()
      .selectFrom("thing")
      .select((of) => [of.fn.sum<number>("count").as("sum"), of.fn.countAll<number>().as("all"), of.fn.max("count").as("most")])
      .executeTakeFirstOrThrow();
    assert.deepEqual({ ...answer }, { sum: 5_000_000_000, all: 2, most: 2_500_000_000 });
  },
  async "orders ids by age"(one) {
    // Lower-case letters and digits only: a collation of the database may order anything else as it likes.
    for (const id of ["key_0b", "key_z9", "key_00", "key_a0", "key_9z"]) await add(one, id);
    assert.deepEqual(await ids(one), ["key_00", "key_0b", "key_9z", "key_a0", "key_z9"]);
  },
  async "a prepared read takes its values in order and sees the newest commit of any node"(one, other) {
    const query = one.database<Tables>().selectFrom("thing").select(["id", "count"]).where("id", "=", "").where("count", ">=", 0);
    const read = one.prepare(query);
    assert.deepEqual([...(await read("a", 7))], []);
    await add(other, "a", undefined, 7);
    assert.deepEqual(
      (await read("a", 7)).map((row) => ({ ...row })),
      [{ id: "a", count: 7 }],
    );
    assert.deepEqual([...(await read("a", 8))], []);
    const readOne = one.prepare(query, { atMostOne: true });
    assert.deepEqual([...(await readOne("a", 8))], []);
    assert.deepEqual({ ...(await readOne("a", 7))[0] }, { id: "a", count: 7 });
    const many = await together(50, () => read("a", 7));
    assert.ok(many.every((list) => list.length === 1));
  },
  async "a compiled write that answers one row writes once, and answers what it wrote"(one, other) {
    const bump = compiledOnce<Tables, { readonly id: string; readonly count: number }>(
      (database) =>
        database
          .updateTable("thing")
          .set((set) => ({ count: set("count", "+", 1) }))
          .where("id", "=", "")
          .returning(["id", "count"]),
      { atMostOne: true },
    );
    await add(one, "a", undefined, 7);
    const bumped = (id: string) => one.write<Tables, readonly object[]>(async (transaction) => (await bump(transaction, [1, id])).rows);
    assert.deepEqual(
      [...(await bumped("a")), ...(await bumped("b")), ...(await bumped("a"))].map((row) => ({ ...row })),
      [
        { id: "a", count: 8 },
        { id: "a", count: 9 },
      ],
    );
    assert.deepEqual(
      (await rows(other)).map(({ count }) => count),
      [9],
    );
  },
  async "a read sees nothing of a job that has not ended"(one, other) {
    let seen: readonly string[] | undefined;
    await one.write<Tables, void>(async (transaction) => {
      await transaction.insertInto("thing").values({ id: "a", count: 0, note: null }).execute();
      seen = await ids(other);
    });
    assert.deepEqual(seen, []);
  },
};

const news: Readonly<Record<string, StoreCheck>> = {
  async "tells another node of a change, once it can be read there"(one, other) {
    let tell: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (tell = resolve));
    const stop = other.onCommit(tell);
    // Where the database does not call, the node looks.
    other.committedElsewhere();
    await change(one, "a");
    const noticed = other.committedElsewhere();
    if (noticed === undefined) await told;
    else assert.equal(noticed, true);
    assert.deepEqual(await ids(other), ["a"]);
    stop();
  },
  async "keeps changes in the order of their commits, on two nodes"(one, other) {
    await add(one, "first", undefined, 1);
    await together(40, (number) => change(number % 2 === 0 ? one : other, `change ${number}`));
    const counts = (await rows(one)).map(({ count }) => count).toSorted((a, b) => a - b);
    assert.deepEqual(
      counts,
      Array.from({ length: 41 }, (_, index) => index + 1),
    );
  },
};

const ends: Readonly<Record<string, StoreCheck>> = {
  async "answers a ping"(one) {
    await one.ping();
  },
  async "may be closed twice, and is a fault afterwards"(one) {
    await one.close();
    await one.close();
    for (const use of [() => add(one, "late"), () => one.ping(), () => ids(one)]) {
      await assert.rejects(use, { code: "LATCHKEY_CLOSED" });
    }
  },
  async "finishes what was begun before it closes"(one, other) {
    const writing = together(20, (number) => add(one, `thing ${number}`));
    const closing = one.close();
    await Promise.all([writing, closing]);
    assert.equal((await ids(other)).length, 20);
  },
};
