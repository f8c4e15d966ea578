import type { Kysely } from "kysely";
import type { AuditAction, AuditListener, AuditTrail, Clock } from "../../contracts/index.ts";
import type { DerivedKey } from "../../primitives/index.ts";
import { appendRows, type HeadTables } from "./chain.ts";
import { actRow, eventOf } from "./event.ts";
import type { AuditTables, EventRow } from "./table.ts";

/** Chains rows in a transaction: together they are one link of the writer's line. */
export type Append = (transaction: Kysely<AuditTables>, rows: readonly EventRow[]) => Promise<void>;

/** What appends to this node's line, under the newest key. */
export function appendTo(writer: string, key: DerivedKey, listener: AuditListener): Append {
  return async (transaction, rows) => {
    await appendRows(transaction as unknown as Kysely<HeadTables>, rows, {
      writer,
      key,
      insert: (chained) => transaction.insertInto("latchkey_audit_event").values(chained).execute(),
    });
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
