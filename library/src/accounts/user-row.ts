import type { Kysely } from "kysely";
import { OptionFault } from "../contracts/index.ts";
import { isRoleName, roleForm } from "../primitives/index.ts";
import { dropCodes } from "./codes/index.ts";
import { normalizeEmail } from "./email.ts";
import type { AccountTables } from "./table.ts";

/** What one may say of a new user. */
export interface UserOptions {
  readonly email: string;
  /** Left out: the user cannot sign in by password until one is set. */
  readonly password?: string;
  readonly emailVerified?: boolean;
  readonly roles?: readonly string[];
  /** Free-form, for the app: JSON of at most 16 KiB. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What may be changed of a user: what is left out stays. */
export type UserChanges = Partial<Pick<UserOptions, "email" | "emailVerified" | "metadata">>;

/** The row of a new user. Throws an OptionFault that names what cannot be used. */
export function userRow(options: UserOptions, id: string, at: number): AccountTables["latchkey_user"] {
  return {
    id,
    email: options.email,
    email_key: emailKey(options.email),
    email_verified: options.emailVerified === true ? 1 : 0,
    disabled_at: null,
    metadata: metadataText(options.metadata ?? {}),
    created_at: at,
  };
}

/** The columns that these changes set. A new address is unverified unless it is said to be. */
export function changedColumns({ email, emailVerified, metadata }: UserChanges): Partial<AccountTables["latchkey_user"]> {
  return {
    ...(email === undefined ? {} : { email, email_key: emailKey(email), email_verified: 0 }),
    ...(emailVerified === undefined ? {} : { email_verified: emailVerified ? 1 : 0 }),
    ...(metadata === undefined ? {} : { metadata: metadataText(metadata) }),
  };
}

/** Stores the hash of a password that was chosen now. */
export async function putPassword(transaction: Kysely<AccountTables>, userId: string, hash: string, at: number): Promise<void> {
  await transaction
    .insertInto("latchkey_password")
    .values({ user_id: userId, hash, changed_at: at })
    .onConflict((conflict) => conflict.column("user_id").doUpdateSet({ hash, changed_at: at }))
    .execute();
}

export async function putRoles(transaction: Kysely<AccountTables>, subjectId: string, roles: readonly string[], at: number): Promise<void> {
  if (roles.length === 0) return;
  await transaction
    .insertInto("latchkey_role_grant")
    .values(roles.map((role) => ({ subject_id: subjectId, role, granted_at: at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Removes what is kept of a user beside its row. */
export async function forget(transaction: Kysely<AccountTables>, userId: string): Promise<void> {
  await transaction.deleteFrom("latchkey_password").where("user_id", "=", userId).execute();
  await transaction.deleteFrom("latchkey_role_grant").where("subject_id", "=", userId).execute();
  await transaction.deleteFrom("latchkey_identity").where("user_id", "=", userId).execute();
  await dropCodes(transaction, userId);
}

export function checkRoles(roles: readonly string[]): readonly string[] {
  if (!Array.isArray(roles)) throw new OptionFault("roles", { got: roles, allowed: "a list of role names", example: '["editor"]' });
  for (const role of roles) {
    if (typeof role !== "string" || !isRoleName(role))
      throw new OptionFault("roles", { got: role, allowed: roleForm, example: '["editor"]' });
  }
  return [...new Set(roles as readonly string[])];
}

function emailKey(email: string): string {
  const key = typeof email === "string" ? normalizeEmail(email) : undefined;
  if (key === undefined) throw new OptionFault("email", { got: email, allowed: "an e-mail address", example: '"ada@example.com"' });
  return key;
}

function metadataText(metadata: Readonly<Record<string, unknown>>): string {
  const text = typeof metadata === "object" && metadata !== null && !Array.isArray(metadata) ? JSON.stringify(metadata) : undefined;
  if (text === undefined || Buffer.byteLength(text) > 16_384)
    throw new OptionFault("metadata", { got: metadata, allowed: "an object of at most 16 KiB as JSON", example: '{ plan: "pro" }' });
  return text;
}
