import { type Kysely, sql } from "kysely";
import { type MigrationSet, type Store, UniqueViolation } from "../contracts/index.ts";

export interface StatusListTables {
  /** Ranges of indexes, each handed to one node. */
  latchkey_status_block: {
    /** 0, 1, 2, … */
    block: number;
    reserved_at: number;
    /** When every token that was given an index of it has expired. */
    ends_at: number;
  };
  latchkey_revoked_token: {
    /** The block times its size, plus the index in it. */
    position: number;
    /** When the token would have expired anyway. */
    expires_at: number;
  };
}

export const statusListTables: MigrationSet = {
  name: "status-list",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_status_block")
          .addColumn("block", "bigint", (column) => column.primaryKey().notNull())
          .addColumn("reserved_at", "bigint", (column) => column.notNull())
          .addColumn("ends_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema
          .createTable("latchkey_revoked_token")
          .addColumn("position", "bigint", (column) => column.primaryKey().notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema.createIndex("latchkey_revoked_token_expires").on("latchkey_revoked_token").column("expires_at").execute();
      },
    },
  ],
};

/** Takes the next block, and lets go of those whose tokens have all expired; the newest row stays, so that numbers never start again. */
export async function reserveBlock(store: Store, at: number, endsAt: number, tries = 10): Promise<number> {
  try {
    return await reserveOnce(store, at, endsAt);
  } catch (error) {
    // Another node took the same number at the same moment.
    if (!(error instanceof UniqueViolation) || tries === 0) throw error;
    return reserveBlock(store, at, endsAt, tries - 1);
  }
}

function reserveOnce(store: Store, at: number, endsAt: number): Promise<number> {
  return store.write<StatusListTables, number>(async (transaction) => {
    await transaction
      .deleteFrom("latchkey_status_block")
      .where("ends_at", "<", at)
      .where("block", "<", (query) => query.selectFrom("latchkey_status_block").select(sql<number>`max(block)`.as("block")))
      .execute();
    const row = await transaction
      .insertInto("latchkey_status_block")
      .columns(["block", "reserved_at", "ends_at"])
      .expression(
        transaction
          .selectFrom("latchkey_status_block")
          .select([
            sql<number>`coalesce(max(block), -1) + 1`.as("block"),
            sql<number>`cast(${at} as bigint)`.as("reserved_at"),
            sql<number>`cast(${endsAt} as bigint)`.as("ends_at"),
          ]),
      )
      .returning("block")
      .executeTakeFirstOrThrow();
    return row.block;
  });
}

/** So few that a revocation never waits for what expired all at once. */
const letGoAtOnce = 100;

/** False when it was revoked already. Lets go of rows whose tokens have expired, a few with each. */
export async function insertRevoked(
  transaction: Kysely<StatusListTables>,
  position: number,
  expiresAt: number,
  at: number,
): Promise<boolean> {
  const expired = transaction.selectFrom("latchkey_revoked_token").select("position").where("expires_at", "<", at).limit(letGoAtOnce);
  await transaction.deleteFrom("latchkey_revoked_token").where("position", "in", expired).execute();
  const result = await transaction
    .insertInto("latchkey_revoked_token")
    .values({ position, expires_at: expiresAt })
    .onConflict((conflict) => conflict.column("position").doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/** Revoked positions after `after`, in order, at most `limit`. */
export async function revokedAfter(
  store: Store,
  after: number,
  at: number,
  limit: number,
): Promise<readonly { readonly position: number }[]> {
  return store
    .database<StatusListTables>()
    .selectFrom("latchkey_revoked_token")
    .select("position")
    .where("position", ">", after)
    .where("expires_at", ">=", at)
    .orderBy("position")
    .limit(limit)
    .execute();
}
