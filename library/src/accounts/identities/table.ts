import type { Kysely } from "kysely";
import type { MigrationSet } from "../../contracts/index.ts";

export interface IdentityTables {
  /** Who somebody is elsewhere: one user has at most one of each provider, and one identity one user. */
  latchkey_identity: {
    provider: string;
    issuer: string;
    subject: string;
    user_id: string;
    /** As the provider wrote them when it was last used: to be looked at only. */
    email: string | null;
    name: string | null;
    linked_at: number;
    last_used_at: number;
    /** JSON, sealed; null: none, or they are of no more use. */
    tokens: string | null;
    tokens_expire_at: number | null;
  };
}

export type IdentityRow = IdentityTables["latchkey_identity"];

/** Without a reference to `latchkey_user`: the users may be an app's own. */
export const identityTables: MigrationSet = {
  name: "identity",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_identity")
          .addColumn("provider", "text", (column) => column.notNull())
          .addColumn("issuer", "text", (column) => column.notNull())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("user_id", "text", (column) => column.notNull())
          .addColumn("email", "text")
          .addColumn("name", "text")
          .addColumn("linked_at", "bigint", (column) => column.notNull())
          .addColumn("last_used_at", "bigint", (column) => column.notNull())
          .addColumn("tokens", "text")
          .addColumn("tokens_expire_at", "bigint")
          .addPrimaryKeyConstraint("latchkey_identity_key", ["provider", "issuer", "subject"])
          .addUniqueConstraint("latchkey_identity_user", ["user_id", "provider"])
          .execute();
      },
    },
  ],
};

type Key = Pick<IdentityRow, "provider" | "issuer" | "subject">;

export function findIdentity(database: Kysely<IdentityTables>, { provider, issuer, subject }: Key): Promise<IdentityRow | undefined> {
  const query = database.selectFrom("latchkey_identity").selectAll().where("provider", "=", provider);
  return query.where("issuer", "=", issuer).where("subject", "=", subject).executeTakeFirst();
}

export function findOfUser(database: Kysely<IdentityTables>, userId: string, provider: string): Promise<IdentityRow | undefined> {
  const query = database.selectFrom("latchkey_identity").selectAll().where("user_id", "=", userId);
  return query.where("provider", "=", provider).executeTakeFirst();
}

export function listOfUser(database: Kysely<IdentityTables>, userId: string): Promise<readonly IdentityRow[]> {
  return database.selectFrom("latchkey_identity").selectAll().where("user_id", "=", userId).orderBy("provider").execute();
}

/** Notes that it was used, and what it says of itself now. */
export async function touchIdentity(transaction: Kysely<IdentityTables>, row: IdentityRow): Promise<boolean> {
  const { email, name, last_used_at, tokens, tokens_expire_at } = row;
  const result = await transaction
    .updateTable("latchkey_identity")
    .set({ email, name, last_used_at, tokens, tokens_expire_at })
    .where("provider", "=", row.provider)
    .where("issuer", "=", row.issuer)
    .where("subject", "=", row.subject)
    .where("user_id", "=", row.user_id)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Puts new tokens in place of exactly those; false when somebody else did meanwhile. */
export async function replaceTokens(
  transaction: Kysely<IdentityTables>,
  row: IdentityRow,
  next: Pick<IdentityRow, "tokens" | "tokens_expire_at">,
): Promise<boolean> {
  const update = transaction.updateTable("latchkey_identity").set(next).where("user_id", "=", row.user_id);
  const result = await update.where("provider", "=", row.provider).where("tokens", "=", row.tokens).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
