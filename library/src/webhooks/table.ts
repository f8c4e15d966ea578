import type { Kysely } from "kysely";
import type { MigrationSet } from "../contracts/index.ts";

export interface WebhookTables {
  latchkey_webhook_endpoint: {
    id: string;
    url: string;
    description: string;
    /** JSON array of event types; `["*"]`: all. */
    events: string;
    state: "enabled" | "disabled";
    disabled_reason: string | null;
    /** Sealed. */
    secret: string;
    old_secret: string | null;
    old_secret_ends_at: number | null;
    /** Since when no try has succeeded; null: the last one did, or none was made. */
    failing_since: number | null;
    /** Messages that were not queued because too many waited. */
    dropped: number;
    created_at: number;
  };
  /** The outbox, and the log of what became of each message. */
  latchkey_webhook_delivery: {
    id: string;
    endpoint_id: string;
    message_id: string;
    event_type: string;
    body: string;
    state: "waiting" | "delivered" | "failed";
    /** Tries begun. */
    attempts: number;
    due_at: number;
    /** Whose try is under way, and until when nobody else may make one. */
    lease: string;
    lease_until: number;
    created_at: number;
    last_attempt_at: number | null;
    last_status: number | null;
    last_error: string | null;
    finished_at: number | null;
  };
}

export type EndpointRow = WebhookTables["latchkey_webhook_endpoint"];
export type DeliveryRow = WebhookTables["latchkey_webhook_delivery"];

export const webhookTables: MigrationSet = {
  name: "webhook",
  migrations: [{ name: "0001-create", up: create }],
};

async function create(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("latchkey_webhook_endpoint")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("events", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("disabled_reason", "text")
    .addColumn("secret", "text", (column) => column.notNull())
    .addColumn("old_secret", "text")
    .addColumn("old_secret_ends_at", "bigint")
    .addColumn("failing_since", "bigint")
    .addColumn("dropped", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await database.schema
    .createTable("latchkey_webhook_delivery")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("endpoint_id", "text", (column) => column.notNull().references("latchkey_webhook_endpoint.id").onDelete("cascade"))
    .addColumn("message_id", "text", (column) => column.notNull())
    .addColumn("event_type", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("attempts", "bigint", (column) => column.notNull())
    .addColumn("due_at", "bigint", (column) => column.notNull())
    .addColumn("lease", "text", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("last_attempt_at", "bigint")
    .addColumn("last_status", "bigint")
    .addColumn("last_error", "text")
    .addColumn("finished_at", "bigint")
    .addUniqueConstraint("latchkey_webhook_delivery_message", ["endpoint_id", "message_id"])
    .execute();
  const index = (name: string, columns: readonly string[]) =>
    database.schema
      .createIndex(`latchkey_webhook_delivery_${name}`)
      .on("latchkey_webhook_delivery")
      .columns([...columns])
      .execute();
  await index("due", ["endpoint_id", "state", "due_at"]);
  await index("finished", ["finished_at"]);
}
