import type { MigrationSet } from "../../contracts/index.ts";
import type { ChainedRow } from "./chain.ts";
import type { HeadTables } from "./heads.ts";

/** An act or attempt before it is chained. */
export type EventRow = {
  id: string;
  at: number;
  action: string;
  outcome: string;
  actor: string | null;
  subject: string | null;
  method: string | null;
  credential_id: string | null;
  detail: string | null;
  request_id: string | null;
  address: string | null;
  user_agent: string | null;
  /** JSON of what only a refused request has; see `RequestFacts`. */
  request: string | null;
};

export interface AuditTables extends HeadTables {
  latchkey_audit_event: EventRow & ChainedRow;
  latchkey_credential_use: {
    credential_id: string;
    /** Start of the minute. */
    minute: number;
    uses: number;
    last_at: number;
    last_address: string;
  };
}

export const auditTables: MigrationSet = {
  name: "audit",
  migrations: [
    {
      name: "0001-create",
      up: async (database) => {
        await database.schema
          .createTable("latchkey_audit_event")
          .addColumn("writer", "text", (column) => column.notNull())
          .addColumn("seq", "bigint", (column) => column.notNull())
          .addColumn("id", "text", (column) => column.notNull().unique())
          .addColumn("at", "bigint", (column) => column.notNull())
          .addColumn("action", "text", (column) => column.notNull())
          .addColumn("outcome", "text", (column) => column.notNull())
          .addColumn("actor", "text")
          .addColumn("subject", "text")
          .addColumn("method", "text")
          .addColumn("credential_id", "text")
          .addColumn("detail", "text")
          .addColumn("request_id", "text")
          .addColumn("address", "text")
          .addColumn("user_agent", "text")
          .addColumn("request", "text")
          .addColumn("key_id", "text", (column) => column.notNull())
          .addColumn("mac", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("latchkey_audit_event_key", ["writer", "seq"])
          .execute();
        const index = (name: string, ...columns: string[]) =>
          database.schema.createIndex(`latchkey_audit_event_${name}`).on("latchkey_audit_event").columns(columns).execute();
        await index("at", "at", "seq");
        await index("subject", "subject", "at");
        await index("credential", "credential_id", "at");
        await index("request", "request_id");
        await database.schema
          .createTable("latchkey_audit_head")
          .addColumn("writer", "text", (column) => column.primaryKey())
          .addColumn("seq", "bigint", (column) => column.notNull())
          .addColumn("last_mac", "text", (column) => column.notNull())
          .addColumn("start_seq", "bigint", (column) => column.notNull())
          .addColumn("start_mac", "text", (column) => column.notNull())
          .addColumn("key_id", "text", (column) => column.notNull())
          .addColumn("mac", "text", (column) => column.notNull())
          .execute();
        await database.schema
          .createTable("latchkey_credential_use")
          .addColumn("credential_id", "text", (column) => column.notNull())
          .addColumn("minute", "bigint", (column) => column.notNull())
          .addColumn("uses", "bigint", (column) => column.notNull())
          .addColumn("last_at", "bigint", (column) => column.notNull())
          .addColumn("last_address", "text", (column) => column.notNull())
          .addPrimaryKeyConstraint("latchkey_credential_use_key", ["credential_id", "minute"])
          .execute();
      },
    },
  ],
};
