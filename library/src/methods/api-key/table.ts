import type { Kysely } from "kysely";
import type { MigrationSet, PrincipalKind, Store } from "../../contracts/index.ts";

export interface ApiKeyTables {
  latchkey_api_key: {
    id: string;
    name: string;
    owner_kind: PrincipalKind;
    /** `usr_…`, `cli_…`, or for a service the key's own id. */
    owner_id: string;
    /** JSON arrays of texts. */
    scopes: string;
    roles: string;
    allowed_addresses: string | null;
    rate_count: number | null;
    rate_window_ms: number | null;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
  };
  /** A key has two secrets while it is being rotated. */
  latchkey_api_key_secret: {
    /** SHA-256 of the secret, base64url. */
    digest: string;
    key_id: string;
    /** Prefix and last four characters. */
    hint: string;
    created_at: number;
    /** End of the overlap, once a successor exists. */
    ends_at: number | null;
  };
}

export const apiKeyTables: MigrationSet = {
  name: "api-key",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_api_key")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("name", "text", (column) => column.notNull())
          .addColumn("owner_kind", "text", (column) => column.notNull())
          .addColumn("owner_id", "text", (column) => column.notNull())
          .addColumn("scopes", "text", (column) => column.notNull())
          .addColumn("roles", "text", (column) => column.notNull())
          .addColumn("allowed_addresses", "text")
          .addColumn("rate_count", "bigint")
          .addColumn("rate_window_ms", "bigint")
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint")
          .addColumn("revoked_at", "bigint")
          .execute();
        await database.schema.createIndex("latchkey_api_key_owner").on("latchkey_api_key").column("owner_id").execute();
        await database.schema
          .createTable("latchkey_api_key_secret")
          .addColumn("digest", "text", (column) => column.primaryKey())
          .addColumn("key_id", "text", (column) => column.notNull().references("latchkey_api_key.id").onDelete("cascade"))
          .addColumn("hint", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("ends_at", "bigint")
          .execute();
        await database.schema.createIndex("latchkey_api_key_secret_key").on("latchkey_api_key_secret").column("key_id").execute();
      },
    },
  ],
};

export type ApiKeyRow = ApiKeyTables["latchkey_api_key"];

/** What the guard needs of a presented key. */
export type PresentedRow = ApiKeyRow & { readonly ends_at: number | null };

/** The hot look-up, prepared once: a key by the digest of its secret. */
export function findByDigest(store: Store) {
  return store.prepare<PresentedRow>(
    store
      .database<ApiKeyTables>()
      .selectFrom("latchkey_api_key_secret")
      .innerJoin("latchkey_api_key", "latchkey_api_key.id", "latchkey_api_key_secret.key_id")
      .selectAll("latchkey_api_key")
      .select("latchkey_api_key_secret.ends_at")
      .where("latchkey_api_key_secret.digest", "=", ""),
    { atMostOne: true },
  );
}

/** A key by its id, prepared once. */
export function findById(store: Store) {
  const query = store.database<ApiKeyTables>().selectFrom("latchkey_api_key").selectAll().where("id", "=", "");
  return store.prepare<ApiKeyRow>(query, { atMostOne: true });
}

export type KeyWithHint = ApiKeyRow & { readonly hint: string };

/** Keys with the hint of their newest secret, newest key first. */
export async function listKeys(
  store: Store,
  filter: { readonly ownerId?: string; readonly id?: string; readonly limit?: number; readonly before?: string },
): Promise<readonly KeyWithHint[]> {
  const database = store.database<ApiKeyTables>();
  let query = database
    .selectFrom("latchkey_api_key")
    .selectAll("latchkey_api_key")
    .select((from) =>
      from
        .selectFrom("latchkey_api_key_secret")
        .select("hint")
        .whereRef("key_id", "=", "latchkey_api_key.id")
        .orderBy("created_at", "desc")
        .orderBy("digest")
        .limit(1)
        .$asScalar()
        .$notNull()
        .as("hint"),
    )
    .orderBy("latchkey_api_key.id", "desc")
    .limit(filter.limit ?? 100);
  if (filter.ownerId !== undefined) query = query.where("owner_id", "=", filter.ownerId);
  if (filter.id !== undefined) query = query.where("latchkey_api_key.id", "=", filter.id);
  if (filter.before !== undefined) query = query.where("latchkey_api_key.id", "<", filter.before);
  return query.execute();
}

export async function insertKey(transaction: Kysely<ApiKeyTables>, key: ApiKeyRow): Promise<void> {
  await transaction.insertInto("latchkey_api_key").values(key).execute();
}

export async function insertSecret(transaction: Kysely<ApiKeyTables>, secret: ApiKeyTables["latchkey_api_key_secret"]): Promise<void> {
  await transaction.insertInto("latchkey_api_key_secret").values(secret).execute();
}

/** Lets the secrets in use end: at `endsAt`, or earlier where that was already decided. */
export async function endSecrets(transaction: Kysely<ApiKeyTables>, keyId: string, endsAt: number): Promise<void> {
  await transaction
    .updateTable("latchkey_api_key_secret")
    .set({ ends_at: endsAt })
    .where("key_id", "=", keyId)
    .where((or) => or.or([or("ends_at", "is", null), or("ends_at", ">", endsAt)]))
    .execute();
}

/** Undefined when there was nothing to revoke: no such key, or already revoked. */
export function markRevoked(
  transaction: Kysely<ApiKeyTables>,
  keyId: string,
  at: number,
): Promise<Pick<ApiKeyRow, "id" | "owner_id"> | undefined> {
  return transaction
    .updateTable("latchkey_api_key")
    .set({ revoked_at: at })
    .where("id", "=", keyId)
    .where("revoked_at", "is", null)
    .returning(["id", "owner_id"])
    .executeTakeFirst();
}
