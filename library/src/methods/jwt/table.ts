import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../contracts/index.ts";

export interface JwtTables {
  /** "Nothing of this subject, client, session or grant that was issued until then." One row each: the latest counts. */
  latchkey_token_cutoff: {
    id: string;
    issued_until: number;
    /** When every token that it covers has expired. */
    expires_at: number;
  };
}

export const jwtTables: MigrationSet = {
  name: "jwt",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_token_cutoff")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("issued_until", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema.createIndex("latchkey_token_cutoff_expires").on("latchkey_token_cutoff").column("expires_at").execute();
      },
    },
  ],
};

export type CutoffRow = JwtTables["latchkey_token_cutoff"];

/** Writes a cut-off, and lets go of those that cover nothing any more. */
export async function putCutoff(transaction: Kysely<JwtTables>, row: CutoffRow, at: number): Promise<void> {
  await transaction.deleteFrom("latchkey_token_cutoff").where("expires_at", "<", at).execute();
  await transaction
    .insertInto("latchkey_token_cutoff")
    .values(row)
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ issued_until: row.issued_until, expires_at: row.expires_at }))
    .execute();
}

export async function allCutoffs(store: Store, at: number): Promise<readonly CutoffRow[]> {
  return store.database<JwtTables>().selectFrom("latchkey_token_cutoff").selectAll().where("expires_at", ">=", at).execute();
}
