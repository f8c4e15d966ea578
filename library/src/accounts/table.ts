import type { MigrationSet } from "../contracts/index.ts";

export interface AccountTables {
  latchkey_user: {
    id: string;
    /** As the person wrote it. */
    email: string;
    /** What must be unique: see `normalizeEmail`. */
    email_key: string;
    email_verified: number;
    disabled_at: number | null;
    /** JSON object. */
    metadata: string;
    created_at: number;
  };
}

export const accountTables: MigrationSet = {
  name: "account",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_user")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("email", "text", (column) => column.notNull())
          .addColumn("email_key", "text", (column) => column.notNull().unique())
          .addColumn("email_verified", "integer", (column) => column.notNull())
          .addColumn("disabled_at", "bigint")
          .addColumn("metadata", "text", (column) => column.notNull())
          .addColumn("created_at", "bigint", (column) => column.notNull())
          .execute();
      },
    },
  ],
};
