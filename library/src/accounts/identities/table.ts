import { type Kysely, sql } from "kysely";
import type { MigrationSet } from "../../contracts/index.ts";

export interface IdentityTables {
  /** Who somebody is elsewhere: a user may have several, of one provider too, and one identity has one user. */
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

const columns = "provider, issuer, subject, user_id, email, name, linked_at, last_used_at, tokens, tokens_expire_at";

/** Without a reference to `latchkey_user`: the users may be an app's own. */
export const identityTables: MigrationSet = {
  name: "identity",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await tableOf(database, "latchkey_identity")
          .addPrimaryKeyConstraint("latchkey_identity_key", ["provider", "issuer", "subject"])
          .addUniqueConstraint("latchkey_identity_user", ["user_id", "provider"])
          .execute();
      },
    },
    {
      // Only a new table is without a constraint of the old one: SQLite cannot drop it. Its columns are the same.
      name: "0002-several",
      up: async (database) => {
        await tableOf(database, "latchkey_identity_several")
          .addPrimaryKeyConstraint("latchkey_identity_name", ["provider", "issuer", "subject"])
          .execute();
        await sql`insert into latchkey_identity_several (${sql.raw(columns)}) select ${sql.raw(columns)} from latchkey_identity`.execute(
          database,
        );
        await database.schema.dropTable("latchkey_identity").execute();
        await database.schema.alterTable("latchkey_identity_several").renameTo("latchkey_identity").execute();
        await database.schema.createIndex("latchkey_identity_of_user").on("latchkey_identity").columns(["user_id", "provider"]).execute();
      },
    },
  ],
};

function tableOf(database: Kysely<unknown>, name: string) {
  return database.schema
    .createTable(name)
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("issuer", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("email", "text")
    .addColumn("name", "text")
    .addColumn("linked_at", "bigint", (column) => column.notNull())
    .addColumn("last_used_at", "bigint", (column) => column.notNull())
    .addColumn("tokens", "text")
    .addColumn("tokens_expire_at", "bigint");
}

export type IdentityKey = Pick<IdentityRow, "provider" | "issuer" | "subject">;

export function findIdentity(
  database: Kysely<IdentityTables>,
  { provider, issuer, subject }: IdentityKey,
): Promise<IdentityRow | undefined> {
  const query = database.selectFrom("latchkey_identity").selectAll().where("provider", "=", provider);
  return query.where("issuer", "=", issuer).where("subject", "=", subject).executeTakeFirst();
}

/** By provider, and of each the one that was used last first. */
export function listOfUser(database: Kysely<IdentityTables>, userId: string): Promise<readonly IdentityRow[]> {
  const query = database.selectFrom("latchkey_identity").selectAll().where("user_id", "=", userId);
  return query.orderBy("provider").orderBy("last_used_at", "desc").orderBy("linked_at", "desc").orderBy("subject").execute();
}

export function deleteIdentity(transaction: Kysely<IdentityTables>, { provider, issuer, subject }: IdentityKey): Promise<unknown> {
  const one = transaction.deleteFrom("latchkey_identity").where("provider", "=", provider);
  return one.where("issuer", "=", issuer).where("subject", "=", subject).execute();
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
  const { provider, issuer, subject, user_id, tokens } = row;
  const update = transaction.updateTable("latchkey_identity").set(next).where("user_id", "=", user_id).where("tokens", "=", tokens);
  const one = update.where("provider", "=", provider).where("issuer", "=", issuer).where("subject", "=", subject);
  const result = await one.executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
