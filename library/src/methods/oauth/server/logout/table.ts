import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";

export interface LogoutTables {
  /** Which clients wait to be told when a session ends. */
  latchkey_logout_party: {
    session_id: string;
    client_id: string;
    subject: string;
    /** When the session has ended by itself at the latest. */
    ends_at: number;
  };
  /** Who is still to be told. Gone once it was told, or cannot be. */
  latchkey_logout_delivery: {
    /** `lgo_…` */
    id: string;
    client_id: string;
    session_id: string;
    subject: string;
    /** Tries begun. */
    attempts: number;
    due_at: number;
    /** Until when nobody else may try. */
    lease_until: number;
  };
}

export type DeliveryRow = LogoutTables["latchkey_logout_delivery"];
export type PartyRow = LogoutTables["latchkey_logout_party"];

export const logoutTables: MigrationSet = {
  name: "oauth-logout",
  migrations: [
    {
      name: "0001-create",
      up: async ({ schema }) => {
        await schema
          .createTable("latchkey_logout_party")
          .addColumn("session_id", "text", (column) => column.notNull())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("ends_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("latchkey_logout_party_key", ["session_id", "client_id"])
          .execute();
        await schema.createIndex("latchkey_logout_party_subject").on("latchkey_logout_party").column("subject").execute();
        await schema.createIndex("latchkey_logout_party_ends").on("latchkey_logout_party").column("ends_at").execute();
        await schema
          .createTable("latchkey_logout_delivery")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("session_id", "text", (column) => column.notNull())
          .addColumn("subject", "text", (column) => column.notNull())
          .addColumn("attempts", "bigint", (column) => column.notNull())
          .addColumn("due_at", "bigint", (column) => column.notNull())
          .addColumn("lease_until", "bigint", (column) => column.notNull())
          .execute();
        await schema.createIndex("latchkey_logout_delivery_due").on("latchkey_logout_delivery").columns(["client_id", "due_at"]).execute();
      },
    },
  ],
};

export async function putParty<T>(transaction: Kysely<T>, row: PartyRow): Promise<void> {
  const insert = own(transaction).insertInto("latchkey_logout_party").values(row);
  await insert.onConflict((conflict) => conflict.columns(["session_id", "client_id"]).doNothing()).execute();
}

/** Takes out those who are to be told of the end of a session, or of all sessions of a subject. */
export async function takeParties<T>(transaction: Kysely<T>, which: "session_id" | "subject", value: string): Promise<readonly PartyRow[]> {
  return own(transaction).deleteFrom("latchkey_logout_party").where(which, "=", value).returningAll().execute();
}

/** Lets go of some whose sessions ended by themselves: a bounded number, so that nobody waits for it. */
export async function pruneParties<T>(transaction: Kysely<T>, at: number): Promise<void> {
  const over = own(transaction).selectFrom("latchkey_logout_party").select("session_id").where("ends_at", "<=", at).limit(256);
  await own(transaction).deleteFrom("latchkey_logout_party").where("session_id", "in", over).where("ends_at", "<=", at).execute();
}

export async function insertDelivery<T>(transaction: Kysely<T>, row: DeliveryRow): Promise<void> {
  await own(transaction).insertInto("latchkey_logout_delivery").values(row).execute();
}

/** Clients for which something is due that nobody is busy with. */
export async function dueClients(store: Store, at: number): Promise<readonly string[]> {
  const query = store.database<LogoutTables>().selectFrom("latchkey_logout_delivery").select("client_id").distinct();
  const rows = await query.where("due_at", "<=", at).where("lease_until", "<=", at).limit(100).execute();
  return rows.map(({ client_id }) => client_id);
}

/** Takes some of a client's deliveries. What was claimed is what the update touched; who dies keeps its leases until they end. */
export async function claimDeliveries(
  transaction: Kysely<LogoutTables>,
  clientId: string,
  { at, until, most }: { readonly at: number; readonly until: number; readonly most: number },
): Promise<readonly DeliveryRow[]> {
  return transaction
    .updateTable("latchkey_logout_delivery")
    .set((set) => ({ lease_until: until, attempts: set("attempts", "+", 1) }))
    .where("id", "in", (query) =>
      query
        .selectFrom("latchkey_logout_delivery")
        .select("id")
        .where("client_id", "=", clientId)
        .where("due_at", "<=", at)
        .where("lease_until", "<=", at)
        .orderBy("due_at")
        .limit(most),
    )
    .where("lease_until", "<=", at)
    .returningAll()
    .execute();
}

export async function deleteDelivery(transaction: Kysely<LogoutTables>, id: string): Promise<void> {
  await transaction.deleteFrom("latchkey_logout_delivery").where("id", "=", id).execute();
}

export async function postponeDelivery(transaction: Kysely<LogoutTables>, id: string, dueAt: number): Promise<void> {
  await transaction.updateTable("latchkey_logout_delivery").set({ due_at: dueAt, lease_until: 0 }).where("id", "=", id).execute();
}

function own<T>(transaction: Kysely<T>): Kysely<LogoutTables> {
  return transaction as unknown as Kysely<LogoutTables>;
}
