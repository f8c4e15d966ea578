import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";
import { compiledOnce } from "../../../../primitives/index.ts";

export interface AuthorizationTables {
  latchkey_authorization_code: {
    /** SHA-256 of the code, base64url. */
    digest: string;
    /** The grant that comes of it: what a second redemption revokes. */
    grant_id: string;
    client_id: string;
    /** JSON: what was granted to whom. */
    granted: string;
    expires_at: number;
    redeemed_at: number | null;
  };
  /** What a person granted a client once: every token that came of it names it. */
  latchkey_grant: {
    /** `grt_…` */
    id: string;
    client_id: string;
    subject: string;
    created_at: number;
    /** When nothing that came of it is good any more. */
    ends_at: number;
    revoked_at: number | null;
  };
  /** What a person has agreed to, so that it is not asked again. */
  latchkey_consent: {
    /** `grt_…` */
    id: string;
    subject: string;
    client_id: string;
    /** JSON arrays: everything that was ever agreed to, to be shown. */
    scopes: string;
    resources: string;
    /** JSON: the scopes by the audience for which they were agreed to. Null: from before they were kept so. */
    agreed: string | null;
    created_at: number;
    updated_at: number;
  };
}

export const authorizationTables: MigrationSet = {
  name: "oauth-authorization",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        const { schema } = database;
        await schema
          .createTable("latchkey_authorization_code")
          .addColumn("digest", "text", (column) => column.primaryKey())
          .addColumn("grant_id", "text", (column) => column.notNull())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("granted", "text", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .addColumn("redeemed_at", "bigint")
          .execute();
        await schema.createIndex("latchkey_authorization_code_expires").on("latchkey_authorization_code").column("expires_at").execute();
        await schema
          .createTable("latchkey_grant")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("ends_at", "bigint", (column) => column.notNull())
          .addColumn("revoked_at", "bigint")
          .execute();
        await schema.createIndex("latchkey_grant_ends").on("latchkey_grant").column("ends_at").execute();
        await schema.createIndex("latchkey_grant_subject").on("latchkey_grant").columns(["subject", "client_id"]).execute();
        await schema
          .createTable("latchkey_consent")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("scopes", "text", (column) => column.notNull())
          .addColumn("resources", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("updated_at", "bigint", (column) => column.notNull())
          .addUniqueConstraint("latchkey_consent_once", ["subject", "client_id"])
          .execute();
      },
    },
    {
      // Two unions let a consent for one API widen that for another. What was agreed to before is asked once more.
      name: "0002-agreed",
      up: async (database) => database.schema.alterTable("latchkey_consent").addColumn("agreed", "text").execute(),
    },
  ],
};

export type CodeRow = AuthorizationTables["latchkey_authorization_code"];
export type GrantRow = AuthorizationTables["latchkey_grant"];
export type ConsentRow = AuthorizationTables["latchkey_consent"];

/** The look-ups of the hot road, prepared once. */
export function preparedReads(store: Store) {
  const database = store.database<AuthorizationTables>();
  return {
    code: store.prepare<CodeRow>(database.selectFrom("latchkey_authorization_code").selectAll().where("digest", "=", ""), {
      atMostOne: true,
    }),
    grant: store.prepare<Pick<GrantRow, "revoked_at">>(database.selectFrom("latchkey_grant").select("revoked_at").where("id", "=", ""), {
      atMostOne: true,
    }),
    consent: store.prepare<ConsentRow>(
      database.selectFrom("latchkey_consent").selectAll().where("subject", "=", "").where("client_id", "=", ""),
      { atMostOne: true },
    ),
  };
}

/** The writes of the hot road. */
export function compiledWrites() {
  const insertCode = compiledOnce<AuthorizationTables>((database) =>
    database
      .insertInto("latchkey_authorization_code")
      .values({ digest: "", grant_id: "", client_id: "", granted: "", expires_at: 0, redeemed_at: null }),
  );
  const redeem = compiledOnce<AuthorizationTables>((database) =>
    database.updateTable("latchkey_authorization_code").set({ redeemed_at: 0 }).where("digest", "=", "").where("redeemed_at", "is", null),
  );
  const insertGrant = compiledOnce<AuthorizationTables>((database) =>
    database.insertInto("latchkey_grant").values({ id: "", client_id: "", subject: "", created_at: 0, ends_at: 0, revoked_at: null }),
  );
  const ours = <T>(transaction: Kysely<T>) => transaction as unknown as Kysely<AuthorizationTables>;
  return {
    async insertCode<T>(transaction: Kysely<T>, row: CodeRow): Promise<void> {
      await insertCode(ours(transaction), [row.digest, row.grant_id, row.client_id, row.granted, row.expires_at, null]);
    },
    /** True for the one that redeems it, whichever node it asks. */
    async redeem<T>(transaction: Kysely<T>, digest: string, at: number): Promise<boolean> {
      const { numAffectedRows } = await redeem(ours(transaction), [at, digest]);
      return numAffectedRows === 1n;
    },
    async insertGrant<T>(transaction: Kysely<T>, row: GrantRow): Promise<void> {
      await insertGrant(ours(transaction), [row.id, row.client_id, row.subject, row.created_at, row.ends_at, null]);
    },
  };
}

/** False when it had ended, or never was. */
export async function revokeGrant<T>(transaction: Kysely<T>, id: string, at: number): Promise<boolean> {
  const result = await own(transaction)
    .updateTable("latchkey_grant")
    .set({ revoked_at: at })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function revokeGrantsOf<T>(transaction: Kysely<T>, subject: string, clientId: string, at: number): Promise<void> {
  await own(transaction)
    .updateTable("latchkey_grant")
    .set({ revoked_at: at })
    .where("subject", "=", subject)
    .where("client_id", "=", clientId)
    .where("revoked_at", "is", null)
    .execute();
}

/** The consent of this subject to this client, made if there is none, and nobody else's to change until the transaction is over. */
export async function claimConsent<T>(transaction: Kysely<T>, row: ConsentRow): Promise<ConsentRow> {
  return own(transaction)
    .insertInto("latchkey_consent")
    .values(row)
    .onConflict((conflict) => conflict.columns(["subject", "client_id"]).doUpdateSet({ updated_at: row.updated_at }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function updateConsent<T>(
  transaction: Kysely<T>,
  id: string,
  values: Pick<ConsentRow, "scopes" | "resources" | "agreed">,
): Promise<void> {
  await own(transaction).updateTable("latchkey_consent").set(values).where("id", "=", id).execute();
}

export async function listConsents(store: Store, subject: string): Promise<readonly ConsentRow[]> {
  return store
    .database<AuthorizationTables>()
    .selectFrom("latchkey_consent")
    .selectAll()
    .where("subject", "=", subject)
    .orderBy("id", "desc")
    .limit(1_000)
    .execute();
}

/** What was deleted; undefined: there was none of this subject. */
export async function deleteConsent<T>(transaction: Kysely<T>, subject: string, id: string): Promise<ConsentRow | undefined> {
  return own(transaction)
    .deleteFrom("latchkey_consent")
    .where("id", "=", id)
    .where("subject", "=", subject)
    .returningAll()
    .executeTakeFirst();
}

/** Lets go of what is of no more use: a bounded number of each, so that nobody waits for it. */
export async function pruneAuthorizations<T>(transaction: Kysely<T>, codesBefore: number, at: number): Promise<void> {
  await own(transaction)
    .deleteFrom("latchkey_authorization_code")
    .where("digest", "in", (query) =>
      query.selectFrom("latchkey_authorization_code").select("digest").where("expires_at", "<", codesBefore).limit(256),
    )
    .execute();
  await own(transaction)
    .deleteFrom("latchkey_grant")
    .where("id", "in", (query) => query.selectFrom("latchkey_grant").select("id").where("ends_at", "<", at).limit(256))
    .execute();
}

function own<T>(transaction: Kysely<T>): Kysely<AuthorizationTables> {
  return transaction as unknown as Kysely<AuthorizationTables>;
}

/** Writes the row of a grant. */
export type GrantRows = Pick<ReturnType<typeof compiledWrites>, "insertGrant">;
