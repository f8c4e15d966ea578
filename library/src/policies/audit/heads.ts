// The heads of the chains, each of which says how far the line of its writer goes.
import { createHmac } from "node:crypto";
import type { Kysely } from "kysely";
import { compiledOnce, type DerivedKey } from "../../primitives/index.ts";

export interface HeadTables {
  latchkey_audit_head: {
    /** The writer's id; "" is the root, whose `seq` is the number of writers there have been. */
    writer: string;
    /** Number and HMAC of the newest row. */
    seq: number;
    last_mac: string;
    /** Number and HMAC of the last row that retention has removed; 0 and "" when none was. */
    start_seq: number;
    start_mac: string;
    key_id: string;
    /** HMAC over this row: a head cannot be moved back to fit a cut tail. */
    mac: string;
  };
}

export type Head = HeadTables["latchkey_audit_head"];
export const root = "";

/** HMAC of a head. */
export function headMac(key: Buffer, head: Omit<Head, "mac">): string {
  const { writer, seq, last_mac, start_seq, start_mac, key_id } = head;
  return createHmac("sha256", key)
    .update(JSON.stringify(["head", writer, seq, last_mac, start_seq, start_mac, key_id]))
    .digest("base64url");
}

export interface Heads {
  /** The head, locked until the commit, after adding to its number; undefined when there is none. */
  lock(transaction: Kysely<HeadTables>, writer: string, add?: number): Promise<Head | undefined>;
  /** Writes a head with its own HMAC, under the newest key. */
  write(transaction: Kysely<HeadTables>, head: Head, key: DerivedKey): Promise<void>;
}

/** Both are part of every act that is written down, and are compiled once. */
export function createHeads(): Heads {
  const lock = compiledOnce<HeadTables, Head>(
    (database) =>
      database
        .updateTable("latchkey_audit_head")
        .set((set) => ({ seq: set("seq", "+", 0) }))
        .where("writer", "=", "")
        .returningAll(),
    { atMostOne: true },
  );
  const sample = { seq: 0, last_mac: "", start_seq: 0, start_mac: "", key_id: "", mac: "" };
  const write = compiledOnce<HeadTables>((database) => database.updateTable("latchkey_audit_head").set(sample).where("writer", "=", ""));
  return {
    lock: async (transaction, writer, add = 0) => (await lock(transaction, [add, writer])).rows[0],
    async write(transaction, { writer, seq, last_mac, start_seq, start_mac }, { id, key }) {
      const mac = headMac(key, { writer, seq, last_mac, start_seq, start_mac, key_id: id });
      await write(transaction, [seq, last_mac, start_seq, start_mac, id, mac, writer]);
    },
  };
}
