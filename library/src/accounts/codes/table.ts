import type { Kysely } from "kysely";

/** What a code is good for. */
export type CodePurpose = "verify" | "confirm" | "reset" | "sign-in";

export interface MailedCodeTables {
  /** Codes that were mailed and not used yet: one of a user for each purpose, so that a newer one replaces the older. */
  latchkey_mailed_code: {
    user_id: string;
    purpose: CodePurpose;
    /** HMAC-SHA-256 of the code, base64url: the database alone does not let anybody try codes. */
    digest: string;
    /** The address it was mailed to, as it was written and in its normal form. */
    email: string;
    email_key: string;
    /** What a code to sign in is bound to: the digest of a cookie; else "". */
    browser: string;
    created_at: number;
    expires_at: number;
  };
}

export type CodeRow = MailedCodeTables["latchkey_mailed_code"];

/** The migration of the accounts that makes it. */
export async function createCodeTable(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("latchkey_mailed_code")
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("purpose", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull().unique())
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("email_key", "text", (column) => column.notNull())
    .addColumn("browser", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("latchkey_mailed_code_key", ["user_id", "purpose"])
    .execute();
}

/** Keeps a code in place of the one before. */
export async function putCode(transaction: Kysely<MailedCodeTables>, row: CodeRow): Promise<void> {
  const { user_id: _, purpose: __, ...rest } = row;
  await transaction
    .insertInto("latchkey_mailed_code")
    .values(row)
    .onConflict((conflict) => conflict.columns(["user_id", "purpose"]).doUpdateSet(rest))
    .execute();
}

/** The code while it is good. Only a look: what may come of it is decided by `claimCode`. */
export async function findCode(database: Kysely<MailedCodeTables>, digest: string, at: number): Promise<CodeRow | undefined> {
  const query = database.selectFrom("latchkey_mailed_code").selectAll().where("digest", "=", digest);
  return query.where("expires_at", ">", at).executeTakeFirst();
}

/** Uses a code up: true for the one that did. */
export async function claimCode(transaction: Kysely<MailedCodeTables>, digest: string, at: number): Promise<boolean> {
  const query = transaction.deleteFrom("latchkey_mailed_code").where("digest", "=", digest);
  return (await query.where("expires_at", ">", at).executeTakeFirst()).numDeletedRows === 1n;
}

/** Takes back what was mailed to somebody: all of it, or that of one purpose. */
export async function dropCodes(transaction: Kysely<MailedCodeTables>, userId: string, purpose?: CodePurpose): Promise<void> {
  const query = transaction.deleteFrom("latchkey_mailed_code").where("user_id", "=", userId);
  await (purpose === undefined ? query : query.where("purpose", "=", purpose)).execute();
}
