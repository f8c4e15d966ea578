import type { Kysely } from "kysely";
import type { MigrationSet, Store } from "../../../../contracts/index.ts";

export interface DeviceTables {
  latchkey_device_grant: {
    /** SHA-256 of the device code, base64url. */
    digest: string;
    user_code: string;
    /** `grt_…` of the grant that comes of it. */
    grant_id: string;
    client_id: string;
    /** JSON arrays. */
    scopes: string;
    resources: string;
    /** JSON of what a person granted; null: nobody decided. */
    granted: string | null;
    denied_at: number | null;
    interval_seconds: number;
    expires_at: number;
  };
}

export const deviceTables: MigrationSet = {
  name: "oauth-device",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_device_grant")
          .addColumn("digest", "text", (column) => column.primaryKey())
          .addColumn("user_code", "text", (column) => column.notNull().unique())
          .addColumn("grant_id", "text", (column) => column.notNull())
          .addColumn("client_id", "text", (column) => column.notNull())
          .addColumn("scopes", "text", (column) => column.notNull())
          .addColumn("resources", "text", (column) => column.notNull())
          .addColumn("granted", "text")
          .addColumn("denied_at", "bigint")
          .addColumn("interval_seconds", "bigint", (column) => column.notNull())
          .addColumn("expires_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema.createIndex("latchkey_device_grant_expires").on("latchkey_device_grant").column("expires_at").execute();
      },
    },
  ],
};

export type DeviceRow = DeviceTables["latchkey_device_grant"];

const rows = (store: Store) => store.database<DeviceTables>().selectFrom("latchkey_device_grant").selectAll();

export async function findByDigest(store: Store, digest: string): Promise<DeviceRow | undefined> {
  return rows(store).where("digest", "=", digest).executeTakeFirst();
}

/** One that nobody has decided about, and that is not over. */
export async function findOpen(store: Store, userCode: string, at: number): Promise<DeviceRow | undefined> {
  const open = rows(store).where("user_code", "=", userCode).where("expires_at", ">", at);
  return open.where("granted", "is", null).where("denied_at", "is", null).executeTakeFirst();
}

/** Stores one, and lets go of some that were over long ago. */
export async function insertDevice(transaction: Kysely<DeviceTables>, row: DeviceRow, goneBefore: number): Promise<void> {
  await transaction
    .deleteFrom("latchkey_device_grant")
    .where("digest", "in", (query) =>
      query.selectFrom("latchkey_device_grant").select("digest").where("expires_at", "<", goneBefore).limit(64),
    )
    .execute();
  await transaction.insertInto("latchkey_device_grant").values(row).execute();
}

/** True for the one that decides. */
export async function decideDevice<T>(
  transaction: Kysely<T>,
  userCode: string,
  decision: Pick<DeviceRow, "granted" | "denied_at">,
  at: number,
): Promise<boolean> {
  const result = await own(transaction)
    .updateTable("latchkey_device_grant")
    .set(decision)
    .where("user_code", "=", userCode)
    .where("granted", "is", null)
    .where("denied_at", "is", null)
    .where("expires_at", ">", at)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function slowDevice(transaction: Kysely<DeviceTables>, digest: string, seconds: number): Promise<void> {
  await transaction.updateTable("latchkey_device_grant").set({ interval_seconds: seconds }).where("digest", "=", digest).execute();
}

/** True for the one that takes it. */
export async function takeDevice<T>(transaction: Kysely<T>, digest: string): Promise<boolean> {
  const result = await own(transaction).deleteFrom("latchkey_device_grant").where("digest", "=", digest).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

const own = <T>(transaction: Kysely<T>): Kysely<DeviceTables> => transaction as unknown as Kysely<DeviceTables>;
