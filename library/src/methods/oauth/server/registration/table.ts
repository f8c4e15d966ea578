import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";

export interface RegistrationTables {
  /** Clients that registered themselves. */
  latchkey_client_registration: {
    client_id: string;
    /** SHA-256 of the registration access token (RFC 7592), base64url. */
    token_digest: string;
    /** When it goes unless it was used by then. */
    expires_at: number;
    used_at: number | null;
  };
}

export const registrationTables: MigrationSet = {
  name: "oauth-registration",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_client_registration")
          .addColumn("client_id", "text", (column) => column.primaryKey())
          .addColumn("token_digest", "text", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .addColumn("used_at", "bigint")
          .execute();
        await database.schema
          .createIndex("latchkey_client_registration_expires")
          .on("latchkey_client_registration")
          .column("expires_at")
          .execute();
      },
    },
  ],
};

export type RegistrationRow = RegistrationTables["latchkey_client_registration"];

export async function insertRegistration(transaction: Kysely<RegistrationTables>, row: RegistrationRow): Promise<void> {
  await transaction.insertInto("latchkey_client_registration").values(row).execute();
}

export async function findRegistration(store: Store, clientId: string): Promise<RegistrationRow | undefined> {
  const query = store.database<RegistrationTables>().selectFrom("latchkey_client_registration").selectAll();
  return query.where("client_id", "=", clientId).executeTakeFirst();
}

/** From now on it stays. */
export async function markUsed(transaction: Kysely<RegistrationTables>, clientId: string, at: number): Promise<void> {
  const update = transaction.updateTable("latchkey_client_registration").set({ used_at: at });
  await update.where("client_id", "=", clientId).where("used_at", "is", null).where("expires_at", ">", at).execute();
}

/** Some that nobody used in time: a bounded number, so that nobody waits for it. */
export async function expiredRegistrations(store: Store, at: number): Promise<readonly string[]> {
  const query = store.database<RegistrationTables>().selectFrom("latchkey_client_registration").select("client_id");
  const rows = await query.where("used_at", "is", null).where("expires_at", "<=", at).limit(20).execute();
  return rows.map(({ client_id }) => client_id);
}

export async function deleteRegistration(transaction: Kysely<RegistrationTables>, clientId: string): Promise<void> {
  await transaction.deleteFrom("latchkey_client_registration").where("client_id", "=", clientId).execute();
}
