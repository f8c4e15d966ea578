import type { Kysely } from "kysely";
import type { MigrationSet } from "../contracts/index.ts";

export interface MailTables {
  /** The outbox: letters that wait to be sent. A row is gone once it was sent or given up. */
  latchkey_mail: {
    id: string;
    /** Whom it concerns. */
    user_id: string;
    /** What the letter is about, and for whom: a newer one takes the place of an older one. */
    topic: string;
    /** The letter as JSON, sealed: it may hold a code. */
    letter: string;
    /** Tries begun. */
    attempts: number;
    due_at: number;
    /** Whose try is under way, and until when nobody else may make one. */
    lease: string;
    lease_until: number;
    created_at: number;
    /** From then on it is of no use to anybody. */
    expires_at: number;
  };
}

export type MailRow = MailTables["latchkey_mail"];

export const mailTables: MigrationSet = { name: "mail", migrations: [{ name: "0001-create", up: create }] };

async function create(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("latchkey_mail")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("topic", "text", (column) => column.notNull())
    .addColumn("letter", "text", (column) => column.notNull())
    .addColumn("attempts", "bigint", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("lease", "text", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
  await database.schema.createIndex("latchkey_mail_due").on("latchkey_mail").columns(["due_at"]).execute();
  await database.schema.createIndex("latchkey_mail_topic").on("latchkey_mail").columns(["topic"]).execute();
}

/** Puts a letter into the outbox, in place of one that says the same. */
export async function putMail(transaction: Kysely<MailTables>, row: MailRow): Promise<void> {
  // An older code is of no more use once there is a newer one: whoever asked five times while the mail server was away gets one mail.
  await transaction.deleteFrom("latchkey_mail").where("topic", "=", row.topic).execute();
  await transaction.insertInto("latchkey_mail").values(row).execute();
}

/**
 * Takes letters that are due for this node. What was claimed is what the update touched: a node that wanted the same row finds
 * it leased. A node that dies keeps its leases until they end.
 */
export function claimMails(
  transaction: Kysely<MailTables>,
  { at, until, lease, most }: { readonly at: number; readonly until: number; readonly lease: string; readonly most: number },
): Promise<MailRow[]> {
  return transaction
    .updateTable("latchkey_mail")
    .set((set) => ({ lease, lease_until: until, attempts: set("attempts", "+", 1) }))
    .where("id", "in", (query) =>
      query.selectFrom("latchkey_mail").select("id").where("due_at", "<=", at).where("lease_until", "<=", at).orderBy("due_at").limit(most),
    )
    .where("lease_until", "<=", at)
    .returningAll()
    .execute();
}

/** Whether any letter is due that nobody is busy with: one probe of an index, without the lock of a write. */
export async function anyDue(database: Kysely<MailTables>, at: number): Promise<boolean> {
  const query = database.selectFrom("latchkey_mail").select("id").where("due_at", "<=", at).where("lease_until", "<=", at);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}

/** Whether more letters wait than this. */
export async function moreThan(database: Kysely<MailTables>, most: number): Promise<boolean> {
  return (await database.selectFrom("latchkey_mail").select("id").offset(most).limit(1).executeTakeFirst()) !== undefined;
}

/** Takes a letter out, if its lease is still this node's: true then. */
export async function removeMail(transaction: Kysely<MailTables>, { id, lease }: MailRow): Promise<boolean> {
  const query = transaction.deleteFrom("latchkey_mail").where("id", "=", id).where("lease", "=", lease);
  return (await query.executeTakeFirst()).numDeletedRows === 1n;
}

/** Puts a letter back, to be tried again at `dueAt`, if its lease is still this node's. */
export async function putBack(transaction: Kysely<MailTables>, { id, lease }: MailRow, dueAt: number): Promise<void> {
  await transaction
    .updateTable("latchkey_mail")
    .set({ due_at: dueAt, lease: "", lease_until: 0 })
    .where("id", "=", id)
    .where("lease", "=", lease)
    .execute();
}
