import type { Kysely } from "kysely";
import type { DecisionEvent, MigrationSet, Principal, Store } from "../../contracts/index.ts";
import { newId } from "../../primitives/index.ts";
import type { Use } from "./uses.ts";

export interface AuditTables {
  latchkey_refusal: {
    id: string;
    request_id: string;
    at: number;
    code: string;
    detail: string | null;
    http_method: string;
    path: string;
    address: string;
    user_agent: string | null;
    /** JSON arrays of texts. */
    seen: string;
    checks: string;
    from_cache: number;
    subject: string | null;
    credential_id: string | null;
    /** The principal as JSON, where it was known. */
    principal: string | null;
  };
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
          .createTable("latchkey_refusal")
          .addColumn("id", "text", (column) => column.primaryKey())
          .addColumn("request_id", "text", (column) => column.notNull())
          .addColumn("at", "bigint", (column) => column.notNull())
          .addColumn("code", "text", (column) => column.notNull())
          .addColumn("detail", "text")
          .addColumn("http_method", "text", (column) => column.notNull())
          .addColumn("path", "text", (column) => column.notNull())
          .addColumn("address", "text", (column) => column.notNull())
          .addColumn("user_agent", "text")
          .addColumn("seen", "text", (column) => column.notNull())
          .addColumn("checks", "text", (column) => column.notNull())
          .addColumn("from_cache", "integer", (column) => column.notNull())
          .addColumn("subject", "text")
          .addColumn("credential_id", "text")
          .addColumn("principal", "text")
          .execute();
        await database.schema.createIndex("latchkey_refusal_request").on("latchkey_refusal").column("request_id").execute();
        await database.schema.createIndex("latchkey_refusal_at").on("latchkey_refusal").column("at").execute();
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

/** Most characters that are kept of anything a client chose. */
const clip = 300;

export async function insertRefusals(transaction: Kysely<AuditTables>, events: readonly DecisionEvent[]): Promise<void> {
  for (const event of events) await transaction.insertInto("latchkey_refusal").values(refusalRow(event)).execute();
}

function refusalRow(event: DecisionEvent): AuditTables["latchkey_refusal"] {
  return {
    id: newId("evt", event.at),
    request_id: event.requestId,
    at: event.at,
    code: event.outcome,
    detail: clean(event.detail),
    http_method: clean(event.httpMethod) ?? "",
    path: clean(event.path) ?? "",
    address: clean(event.address) ?? "",
    user_agent: clean(event.userAgent),
    seen: JSON.stringify(event.seen),
    checks: JSON.stringify(event.checks),
    from_cache: event.fromCache ? 1 : 0,
    subject: event.principal?.subject ?? null,
    credential_id: event.principal?.credentialId ?? null,
    principal: event.principal === undefined ? null : JSON.stringify(event.principal),
  };
}

/** Clips, and writes control characters, lone surrogates and what turns text around as escapes: one line, one meaning. */
function clean(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text
    .slice(0, clip)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

export async function addUses(transaction: Kysely<AuditTables>, uses: readonly Use[]): Promise<void> {
  for (const use of uses) {
    await transaction
      .insertInto("latchkey_credential_use")
      .values({ credential_id: use.credentialId, minute: use.minute, uses: use.uses, last_at: use.lastAt, last_address: use.lastAddress })
      .onConflict((conflict) =>
        conflict.columns(["credential_id", "minute"]).doUpdateSet((set) => ({
          uses: set("latchkey_credential_use.uses", "+", use.uses),
          last_at: use.lastAt,
          last_address: use.lastAddress,
        })),
      )
      .execute();
  }
}

export async function findRefusal(store: Store, requestId: string): Promise<DecisionEvent | undefined> {
  const row = await store
    .database<AuditTables>()
    .selectFrom("latchkey_refusal")
    .selectAll()
    .where("request_id", "=", requestId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    requestId: row.request_id,
    at: row.at,
    outcome: row.code,
    detail: row.detail ?? undefined,
    httpMethod: row.http_method,
    path: row.path,
    address: row.address,
    userAgent: row.user_agent ?? undefined,
    seen: JSON.parse(row.seen) as string[],
    checks: JSON.parse(row.checks) as string[],
    fromCache: row.from_cache === 1,
    principal: row.principal === null ? undefined : (JSON.parse(row.principal) as Principal),
  };
}

/** When and from where each of these credentials was last used. */
export async function lastUses(
  store: Store,
  credentialIds: readonly string[],
): Promise<ReadonlyMap<string, { at: number; address: string }>> {
  if (credentialIds.length === 0) return new Map();
  const rows = await store
    .database<AuditTables>()
    .selectFrom("latchkey_credential_use")
    .select(["credential_id", "last_at", "last_address"])
    .where("credential_id", "in", credentialIds)
    .orderBy("last_at")
    .execute();
  return new Map(rows.map((row) => [row.credential_id, { at: row.last_at, address: row.last_address }]));
}
