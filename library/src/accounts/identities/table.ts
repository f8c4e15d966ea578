import { type Kysely, sql, type UpdateResult } from "kysely";
import type { MigrationSet, Store } from "../../contracts/index.ts";
import { compiledOnce } from "../../primitives/index.ts";

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
    /** Until when somebody alone renews the tokens; null: nobody does. */
    renewing_until: number | null;
    /** 1: joined to the account by its address alone, which one identity of a provider may be. 0: connected by who was signed in. */
    by_address: number;
  };
}

export type IdentityRow = IdentityTables["latchkey_identity"];

/** What an identity says of itself each time that it is used. */
export type UsedIdentity = Omit<IdentityRow, "by_address">;

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
      // Only a new table is without a constraint of the old one: SQLite cannot drop it. It has all columns of that, and one more.
      name: "0002-several",
      up: async (database) => {
        await tableOf(database, "latchkey_identity_several")
          .addColumn("renewing_until", "bigint")
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
    {
      name: "0003-by-address",
      up: async (database) => {
        const added = database.schema.alterTable("latchkey_identity");
        await added.addColumn("by_address", "integer", (column) => column.notNull().defaultTo(0)).execute();
        const one = database.schema.createIndex("latchkey_identity_by_address").unique().on("latchkey_identity");
        await one.columns(["user_id", "provider"]).where(sql.ref("by_address"), "=", 1).execute();
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

/** The look-up of every sign-in by a provider, prepared once. */
export function findIdentity(store: Store): (key: IdentityKey) => Promise<IdentityRow | undefined> {
  const query = store.database<IdentityTables>().selectFrom("latchkey_identity").selectAll().where("provider", "=", "");
  const find = store.prepare<IdentityRow>(query.where("issuer", "=", "").where("subject", "=", ""), { atMostOne: true });
  return async ({ provider, issuer, subject }) => (await find(provider, issuer, subject))[0];
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

/** Takes the renewal of exactly these tokens for oneself, until then; false when somebody else has it. */
export function claimRenewal(transaction: Kysely<IdentityTables>, row: IdentityRow, at: number, until: number): Promise<boolean> {
  const free = updateOf(transaction, row, { renewing_until: until });
  return changedOne(free.where((is) => is.or([is("renewing_until", "is", null), is("renewing_until", "<=", at)])));
}

/** Gives up a claim of one's own. */
export function releaseRenewal(transaction: Kysely<IdentityTables>, row: IdentityRow, until: number): Promise<boolean> {
  return changedOne(updateOf(transaction, row, { renewing_until: null }).where("renewing_until", "=", until));
}

/** Notes that it was used, and what it says of itself now. Compiled once, as part of every sign-in by a provider. */
export function touchIdentity(): (transaction: Kysely<IdentityTables>, row: UsedIdentity) => Promise<unknown> {
  const set = ["email", "name", "linked_at", "last_used_at", "tokens", "tokens_expire_at", "renewing_until"] as const;
  const sample = Object.fromEntries(set.map((name) => [name, null])) as Partial<IdentityRow>;
  const touch = compiledOnce<IdentityTables>((database) => {
    const update = database.updateTable("latchkey_identity").set(sample).where("user_id", "=", "");
    return update.where("provider", "=", "").where("issuer", "=", "").where("subject", "=", "");
  });
  return (transaction, row) =>
    touch(
      transaction,
      [...set, "user_id", "provider", "issuer", "subject"].map((name) => row[name as keyof UsedIdentity]),
    );
}

/** Puts new tokens in place of exactly those; false when somebody else did meanwhile. */
export function replaceTokens(
  transaction: Kysely<IdentityTables>,
  row: IdentityRow,
  next: Pick<IdentityRow, "tokens" | "tokens_expire_at">,
): Promise<boolean> {
  return changedOne(updateOf(transaction, row, { ...next, renewing_until: null }));
}

/** An update of an identity while it is of the same user and has the same tokens. */
function updateOf(transaction: Kysely<IdentityTables>, row: IdentityRow, next: Partial<IdentityRow>) {
  const { provider, issuer, subject, user_id, tokens } = row;
  const update = transaction.updateTable("latchkey_identity").set(next).where("user_id", "=", user_id).where("tokens", "=", tokens);
  return update.where("provider", "=", provider).where("issuer", "=", issuer).where("subject", "=", subject);
}

async function changedOne(update: { executeTakeFirst(): Promise<UpdateResult | undefined> }): Promise<boolean> {
  return (await update.executeTakeFirst())?.numUpdatedRows === 1n;
}
