import type { Kysely } from "kysely";
import type { Store } from "../../contracts/index.ts";
import { compiledOnce } from "../../primitives/index.ts";
import type { AuditTables } from "./table.ts";
import type { Use } from "./uses.ts";

/** A node with many credentials writes a row for each. */
export function createAddUses() {
  const insert = compiledOnce<AuditTables>((database) =>
    database
      .insertInto("latchkey_credential_use")
      .values({ credential_id: "", minute: 0, uses: 0, last_at: 0, last_address: "" })
      .onConflict((conflict) =>
        conflict.columns(["credential_id", "minute"]).doUpdateSet(({ eb, ref }) => ({
          uses: eb("latchkey_credential_use.uses", "+", ref("excluded.uses")),
          last_at: ref("excluded.last_at"),
          last_address: ref("excluded.last_address"),
        })),
      ),
  );
  return async (transaction: Kysely<AuditTables>, uses: readonly Use[]): Promise<void> => {
    for (const { credentialId, minute, uses: count, lastAt, lastAddress } of uses)
      await insert(transaction, [credentialId, minute, count, lastAt, lastAddress]);
  };
}

/** When and from where each of these credentials was last used. */
export async function lastUses(
  store: Store,
  credentialIds: readonly string[],
): Promise<ReadonlyMap<string, { at: number; address: string }>> {
  if (credentialIds.length === 0) return new Map();
  const database = store.database<AuditTables>();
  const rows = await database
    .selectFrom("latchkey_credential_use as use")
    .innerJoin(
      // The newest minute of each, by the primary key: a busy credential has a row for every minute.
      (from) =>
        from
          .selectFrom("latchkey_credential_use")
          .where("credential_id", "in", credentialIds)
          .groupBy("credential_id")
          .select(["credential_id", (of) => of.fn.max("minute").as("minute")])
          .as("newest"),
      (join) => join.onRef("newest.credential_id", "=", "use.credential_id").onRef("newest.minute", "=", "use.minute"),
    )
    .select(["use.credential_id", "use.last_at", "use.last_address"])
    .execute();
  return new Map(rows.map((row) => [row.credential_id, { at: row.last_at, address: row.last_address }]));
}
