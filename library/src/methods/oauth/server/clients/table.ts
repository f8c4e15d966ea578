import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";

export interface ClientTables {
  latchkey_client: {
    id: string;
    name: string;
    authentication: string;
    /** JSON arrays of texts. */
    grants: string;
    redirect_uris: string;
    scopes: string;
    resources: string | null;
    roles: string;
    first_party: number;
    token_format: string;
    id_token_algorithm: string;
    require_pkce: number;
    /** JSON object: further members of the registration. */
    metadata: string;
    created_at: number;
  };
  /** A client has two secrets while they are being rotated. */
  latchkey_client_secret: {
    /** SHA-256 of the secret, base64url. */
    digest: string;
    client_id: string;
    hint: string;
    created_at: number;
    ends_at: number | null;
  };
}

export const clientTables: MigrationSet = {
  name: "oauth-client",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_client")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("name", "text", (column) => column.notNull())
          .addColumn("authentication", "text", (column) => column.notNull())
          .addColumn("grants", "text", (column) => column.notNull())
          .addColumn("redirect_uris", "text", (column) => column.notNull())
          .addColumn("scopes", "text", (column) => column.notNull())
          .addColumn("resources", "text")
          .addColumn("roles", "text", (column) => column.notNull())
          .addColumn("first_party", "bigint", (column) => column.notNull())
          .addColumn("token_format", "text", (column) => column.notNull())
          .addColumn("id_token_algorithm", "text", (column) => column.notNull())
          .addColumn("require_pkce", "bigint", (column) => column.notNull())
          .addColumn("metadata", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema
          .createTable("latchkey_client_secret")
          .addColumn("digest", "text", (column) => column.primaryKey())
          .addColumn("client_id", "text", (column) => column.notNull().references("latchkey_client.id").onDelete("cascade"))
          .addColumn("hint", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .addColumn("ends_at", "bigint")
          .execute();
        await database.schema.createIndex("latchkey_client_secret_client").on("latchkey_client_secret").column("client_id").execute();
      },
    },
  ],
};

export type ClientRow = ClientTables["latchkey_client"];
export type SecretRow = ClientTables["latchkey_client_secret"];
/** A client beside one of its secrets. */
export type ClientSecretRow = ClientRow & { readonly digest: string | null; readonly ends_at: number | null };

/** A client with its secrets, prepared once: one row a secret. */
export function findClient(store: Store) {
  return store.prepare<ClientSecretRow>(
    store
      .database<ClientTables>()
      .selectFrom("latchkey_client")
      .leftJoin("latchkey_client_secret", "latchkey_client_secret.client_id", "latchkey_client.id")
      .selectAll("latchkey_client")
      .select(["latchkey_client_secret.digest", "latchkey_client_secret.ends_at"])
      .where("latchkey_client.id", "=", ""),
  );
}

/** Newest first. */
export async function listClients(
  store: Store,
  filter: { readonly limit: number; readonly before?: string | undefined },
): Promise<readonly ClientRow[]> {
  const query = store.database<ClientTables>().selectFrom("latchkey_client").selectAll().orderBy("id", "desc").limit(filter.limit);
  return (filter.before === undefined ? query : query.where("id", "<", filter.before)).execute();
}

export async function insertClient(transaction: Kysely<ClientTables>, row: ClientRow): Promise<void> {
  await transaction.insertInto("latchkey_client").values(row).execute();
}

export async function insertSecret(transaction: Kysely<ClientTables>, row: SecretRow): Promise<void> {
  await transaction.insertInto("latchkey_client_secret").values(row).execute();
}

/** Puts another registration in the place of one. False when there was none. */
export async function updateClient(transaction: Kysely<ClientTables>, row: ClientRow): Promise<boolean> {
  const result = await transaction.updateTable("latchkey_client").set(row).where("id", "=", row.id).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Lets the secret in use end, and those go that were replaced before: at most two work at a time. */
export async function endSecrets(transaction: Kysely<ClientTables>, clientId: string, endsAt: number): Promise<void> {
  await transaction.deleteFrom("latchkey_client_secret").where("client_id", "=", clientId).where("ends_at", "is not", null).execute();
  await transaction.updateTable("latchkey_client_secret").set({ ends_at: endsAt }).where("client_id", "=", clientId).execute();
}

/** False when there was none. */
export async function deleteClient(transaction: Kysely<ClientTables>, id: string): Promise<boolean> {
  await transaction.deleteFrom("latchkey_client_secret").where("client_id", "=", id).execute();
  const result = await transaction.deleteFrom("latchkey_client").where("id", "=", id).executeTakeFirst();
  return result.numDeletedRows === 1n;
}
