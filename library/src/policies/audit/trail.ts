import type { Kysely } from "kysely";
import type { AuditAction, AuditListener, AuditTrail, Clock } from "../../contracts/index.ts";
import { type DerivedKey, insertOnce } from "../../primitives/index.ts";
import { appendRows, type ChainedRow } from "./chain.ts";
import { actRow, eventOf } from "./event.ts";
import { createHeads, type HeadTables } from "./heads.ts";
import type { AuditTables, EventRow } from "./table.ts";

/** Chains rows in a transaction: together they are one link of the writer's line. */
export type Append = (transaction: Kysely<AuditTables>, rows: readonly EventRow[]) => Promise<void>;

type ChainedEvent = EventRow & ChainedRow;

/** What appends to this node's line, under the newest key. */
export function appendTo(writer: string, key: DerivedKey, listener: AuditListener): Append {
  const heads = createHeads();
  const insertOne = insertOnce<AuditTables, "latchkey_audit_event">("latchkey_audit_event");
  return async (transaction, rows) => {
    const insert = (chained: readonly ChainedEvent[]): Promise<unknown> =>
      // An act is one row, and most of what is written here.
      chained.length === 1 ? insertOne(transaction, chained[0]!) : transaction.insertInto("latchkey_audit_event").values(chained).execute();
    await appendRows(transaction as unknown as Kysely<HeadTables>, rows, { writer, key, heads, insert });
    const heard = rows.filter(({ action }) => listener.wants(action as AuditAction));
    if (heard.length > 0) await listener.record(transaction, heard.map(eventOf));
  };
}

/** The hand that other rooms write with. What cannot be written fails the act that it tells of. */
export function createTrail(append: Append, wait: (row: EventRow) => void, clock: Clock): AuditTrail {
  return {
    record: (transaction, entry) => append(transaction as unknown as Kysely<AuditTables>, [actRow(entry, clock.now())]),
    note: (entry) => wait(actRow(entry, clock.now())),
  };
}
