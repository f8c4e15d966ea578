import { type Kysely, sql } from "kysely";
import type { Store } from "../../contracts/index.ts";
import type { DerivedKey } from "../../primitives/index.ts";
import { createHeads, type Heads, type HeadTables, root } from "./heads.ts";
import type { AuditTables } from "./table.ts";

/** Most rows that one transaction removes, so that no request waits long for it. */
const step = 500;

/**
 * Removes what is older than `before` from the old end of each line, and anchors the cut in the line's head: what is left
 * still verifies, and a cut that nobody made with the key shows. Answers how many events were removed.
 */
export async function removeOlder(store: Store, before: number, key: DerivedKey): Promise<number> {
  const heads = createHeads();
  const lines = await store.database<AuditTables>().selectFrom("latchkey_audit_head").select("writer").execute();
  let removed = 0;
  for (const { writer } of lines) {
    if (writer === root) continue;
    for (let cut = step; cut === step; removed += cut) {
      cut = await store.write<AuditTables, number>((transaction) => cutLine(transaction, writer, before, { heads, key }));
    }
  }
  await store.write<AuditTables, unknown>((transaction) => removeUses(transaction, before));
  return removed;
}

async function cutLine(
  transaction: Kysely<AuditTables>,
  writer: string,
  before: number,
  { heads, key }: { readonly heads: Heads; readonly key: DerivedKey },
): Promise<number> {
  const tables = transaction as unknown as Kysely<HeadTables>;
  const head = await heads.lock(tables, writer);
  if (head === undefined) return 0;
  const rows = await transaction
    .selectFrom("latchkey_audit_event")
    .select(["seq", "mac", "at"])
    .where("writer", "=", writer)
    .where("seq", ">", head.start_seq)
    .orderBy("seq")
    .limit(step)
    .execute();
  const kept = rows.findIndex(({ at }) => at >= before);
  const old = kept === -1 ? rows : rows.slice(0, kept);
  const last = old.at(-1);
  if (last === undefined) return 0;
  await transaction.deleteFrom("latchkey_audit_event").where("writer", "=", writer).where("seq", "<=", last.seq).execute();
  await heads.write(tables, { ...head, start_seq: last.seq, start_mac: last.mac }, key);
  return old.length;
}

/** Counts of old minutes go too; the newest of each credential stays, since it says when it was last used. */
function removeUses(transaction: Kysely<AuditTables>, before: number): Promise<unknown> {
  return transaction
    .deleteFrom("latchkey_credential_use")
    .where("minute", "<", before)
    .where("minute", "<", (from) =>
      from
        .selectFrom("latchkey_credential_use as newer")
        .whereRef("newer.credential_id", "=", "latchkey_credential_use.credential_id")
        .select(sql<number>`max(newer.minute)`.as("minute")),
    )
    .execute();
}
