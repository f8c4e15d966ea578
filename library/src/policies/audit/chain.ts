/**
 * The chain of audit rows of one writer: each row carries an HMAC over itself and the HMAC before it, and the writer's head
 * says how far it goes. Everything is read inside the caller's transaction, so that a job that is rolled back to its
 * savepoint takes its link with it and the next one goes on from what really stands.
 */
import { createHmac } from "node:crypto";
import type { Kysely } from "kysely";
import type { DerivedKey } from "../../primitives/index.ts";
import { type Head, type Heads, type HeadTables, root } from "./heads.ts";

/** A row as it is chained. Columns hold text, whole numbers or null, so that both databases answer what was written. */
export interface ChainedRow {
  writer: string;
  seq: number;
  key_id: string;
  mac: string;
}

/** HMAC of a row over the row before it. The field names are part of it, in a fixed order. */
export function rowMac(key: Buffer, previousMac: string, row: Readonly<Record<string, string | number | null>>): string {
  const fields = Object.keys(row)
    .filter((name) => name !== "mac")
    .toSorted()
    .map((name) => [name, row[name]]);
  return createHmac("sha256", key)
    .update(JSON.stringify(["row", previousMac, fields]))
    .digest("base64url");
}

/** What a line is written with: see `createHeads`. */
interface LineParts {
  readonly heads: Heads;
  readonly key: DerivedKey;
}

/**
 * Takes the writer's next `count` numbers and locks its head until the commit; answers the head as it was before them.
 * Makes the head on the writer's first row, and counts the writer in the root, so that a writer that vanishes whole shows
 * too. Of two transactions that make the first row at the same time, one waits for the other.
 */
async function takeNext(transaction: Kysely<HeadTables>, writer: string, count: number, { heads, key }: LineParts): Promise<Head> {
  const taken = await bump(transaction, writer, count, heads);
  if (taken !== undefined) return taken;
  const first: Head = { writer, seq: 0, last_mac: "", start_seq: 0, start_mac: "", key_id: key.id, mac: "" };
  const made = await transaction
    .insertInto("latchkey_audit_head")
    .values(first)
    .onConflict((conflict) => conflict.column("writer").doNothing())
    .returning("writer")
    .executeTakeFirst();
  if (made !== undefined && writer !== root) {
    const counted = await takeNext(transaction, root, 1, { heads, key });
    await heads.write(transaction, { ...counted, seq: counted.seq + 1 }, key);
  }
  return (await bump(transaction, writer, count, heads))!;
}

async function bump(transaction: Kysely<HeadTables>, writer: string, count: number, heads: Heads): Promise<Head | undefined> {
  const head = await heads.lock(transaction, writer, count);
  return head === undefined ? undefined : { ...head, seq: head.seq - count };
}

/**
 * Chains rows and hands them to `insert`, all in the caller's transaction: with the transaction they stand or fall.
 * Waits for others of the same writer, so one writer has one line.
 */
export async function appendRows<Row extends Record<string, string | number | null>>(
  transaction: Kysely<HeadTables>,
  rows: readonly Row[],
  { writer, insert, ...line }: LineParts & { readonly writer: string; readonly insert: (rows: (Row & ChainedRow)[]) => Promise<unknown> },
): Promise<void> {
  if (rows.length === 0) return;
  const { heads, key } = line;
  const head = await takeNext(transaction, writer, rows.length, line);
  let { seq, last_mac } = head;
  const chained = rows.map((row) => {
    seq += 1;
    const linked = { ...row, writer, seq, key_id: key.id };
    last_mac = rowMac(key.key, last_mac, linked);
    return { ...linked, mac: last_mac };
  });
  await insert(chained);
  await heads.write(transaction, { ...head, seq, last_mac }, key);
}
