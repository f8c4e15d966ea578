import type { MigrationSet } from "../contracts/index.ts";
import type { IdentityTables } from "./identities/index.ts";
import { createCodeTable, type MailedCodeTables } from "./codes/index.ts";

export interface AccountTables extends MailedCodeTables, IdentityTables {
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
  /** Without a reference to `latchkey_user`: the users may be an app's own. */
  latchkey_password: {
    user_id: string;
    /** See `passwords/formats`: which hash it is stands in its first part. */
    hash: string;
    /** When the person last chose a password; a rehash of the same one does not count. */
    changed_at: number;
  };
  latchkey_role: {
    name: string;
    /** JSON array of texts. */
    permissions: string;
    updated_at: number;
  };
  latchkey_role_grant: {
    /** A user or client, an app's own included. */
    subject_id: string;
    role: string;
    granted_at: number;
  };
  /** The link by which the first operator gets in: one row at most. */
  latchkey_admin_invitation: {
    place: number;
    /** SHA-256 of the secret in the link. */
    digest: string;
    ends_at: number;
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
        await database.schema
          .createTable("latchkey_password")
          .addColumn("user_id", "text", (column) => column.primaryKey())
          .addColumn("hash", "text", (column) => column.notNull())
          .addColumn("changed_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema
          .createTable("latchkey_role")
          .addColumn("name", "text", (column) => column.primaryKey())
          .addColumn("permissions", "text", (column) => column.notNull())
          .addColumn("updated_at", "bigint", (column) => column.notNull())
          .execute();
        await database.schema
          .createTable("latchkey_role_grant")
          .addColumn("subject_id", "text", (column) => column.notNull())
          .addColumn("role", "text", (column) => column.notNull())
          .addColumn("granted_at", "bigint", (column) => column.notNull())
          .addPrimaryKeyConstraint("latchkey_role_grant_key", ["subject_id", "role"])
          .execute();
        await database.schema.createIndex("latchkey_role_grant_role").on("latchkey_role_grant").column("role").execute();
      },
    },
    { name: "0002-mailed-codes", up: createCodeTable },
    {
      name: "0003-admin-invitation",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_admin_invitation")
          .addColumn("place", "integer", (column) => column.primaryKey())
          .addColumn("digest", "text", (column) => column.notNull())
          .addColumn("ends_at", "bigint", (column) => column.notNull())
          .execute();
      },
    },
  ],
};
