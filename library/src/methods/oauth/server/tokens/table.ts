import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";
import { compiledOnce } from "../../../../primitives/index.ts";

export interface AccessTokenTables {
  /** Opaque access tokens; signed ones have no row. */
  latchkey_access_token: {
    /** SHA-256 of the token, base64url. */
    digest: string;
    /** `tok_…`: what one revokes. */
    id: string;
    client_id: string;
    subject: string;
    kind: string;
    /** Separated by spaces. */
    scope: string;
    /** JSON array. */
    audience: string;
    grant_id: string | null;
    session_id: string | null;
    /** JSON: roles of a client, acr, amr, when somebody signed in, cnf, act. */
    facts: string;
    created_at: number;
    expires_at: number;
    /** 1: another token was made from it. */
    exchanged: number | null;
  };
}

export const accessTokenTables: MigrationSet = {
  name: "oauth-access-token",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_access_token")
          .addColumn("digest", "text", (column) => column.primaryKey())
          .addColumn("id", "text", (column) => column.notNull())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("kind", "text", (column) => column.notNull())
          .addColumn("scope", "text", (column) => column.notNull())
          .addColumn("audience", "text", (column) => column.notNull())
          .addColumn("grant_id", "text")
          .addColumn("session_id", "text")
          .addColumn("facts", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema.createIndex("latchkey_access_token_expires").on("latchkey_access_token").column("expires_at").execute();
      },
    },
    {
      name: "0002-exchanged",
      up: async ({ schema }) => {
        await schema.alterTable("latchkey_access_token").addColumn("exchanged", "bigint").execute();
      },
    },
  ],
};

export type AccessTokenRow = AccessTokenTables["latchkey_access_token"];

/** The look-up of a presented token, prepared once. */
export function findAccessToken(store: Store) {
  return store.prepare<AccessTokenRow>(
    store.database<AccessTokenTables>().selectFrom("latchkey_access_token").selectAll().where("digest", "=", ""),
    { atMostOne: true },
  );
}

export function createInsertAccessToken() {
  const empty = { client_id: "", subject: "", kind: "", scope: "", audience: "", grant_id: null, session_id: null, facts: "" };
  const insert = compiledOnce<AccessTokenTables>((database) =>
    database.insertInto("latchkey_access_token").values({ digest: "", id: "", ...empty, created_at: 0, expires_at: 0 }),
  );
  return async <Tables>(transaction: Kysely<Tables>, row: AccessTokenRow): Promise<void> => {
    const { digest, id, client_id, subject, kind, scope, audience, grant_id, session_id, facts, created_at, expires_at } = row;
    const values = [digest, id, client_id, subject, kind, scope, audience, grant_id, session_id, facts, created_at, expires_at];
    await insert(transaction as unknown as Kysely<AccessTokenTables>, values);
  };
}

/** False when there is none, or it was exchanged since it was read. */
export async function deleteAccessToken(
  transaction: Kysely<AccessTokenTables>,
  { digest, exchanged }: Pick<AccessTokenRow, "digest" | "exchanged">,
): Promise<boolean> {
  const one = transaction.deleteFrom("latchkey_access_token").where("digest", "=", digest);
  const result = await one.where("exchanged", exchanged === null ? "is" : "=", exchanged).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** False when there is none. */
export async function markExchanged<Tables>(transaction: Kysely<Tables>, digest: string): Promise<boolean> {
  const own = transaction as unknown as Kysely<AccessTokenTables>;
  const result = await own.updateTable("latchkey_access_token").set({ exchanged: 1 }).where("digest", "=", digest).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Lets go of some that have expired: a bounded number, so that nobody waits for it. */
export async function pruneAccessTokens<Tables>(transaction: Kysely<Tables>, at: number): Promise<void> {
  const own = transaction as unknown as Kysely<AccessTokenTables>;
  await own
    .deleteFrom("latchkey_access_token")
    .where("digest", "in", (query) => query.selectFrom("latchkey_access_token").select("digest").where("expires_at", "<", at).limit(256))
    .execute();
}
