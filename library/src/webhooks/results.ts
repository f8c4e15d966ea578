import type { Kysely } from "kysely";
import { spread } from "../outbox/index.ts";
import type { Tried } from "./attempt.ts";
import type { DeliveryRow, WebhookTables } from "./table.ts";

interface ResultParts {
  readonly retriesMs: readonly number[];
  readonly at: number;
}

/** Writes what came of a try, unless the lease went to somebody else meanwhile: then what that one finds out counts. */
export async function writeResult(transaction: Kysely<WebhookTables>, row: DeliveryRow, tried: Tried, parts: ResultParts): Promise<void> {
  const mine = await transaction
    .updateTable("latchkey_webhook_delivery")
    .set({ ...outcomeOf(row, tried, parts), last_status: tried.status ?? null, lease: "", lease_until: 0 })
    .where("id", "=", row.id)
    .where("lease", "=", row.lease)
    .executeTakeFirst();
  if (mine.numUpdatedRows !== 1n) return;
  const endpoint = transaction.updateTable("latchkey_webhook_endpoint").where("id", "=", row.endpoint_id);
  if (tried.delivered) await endpoint.set({ failing_since: null }).where("failing_since", "is not", null).execute();
  else await endpoint.set({ failing_since: parts.at }).where("failing_since", "is", null).execute();
}

function outcomeOf(row: DeliveryRow, tried: Tried, { retriesMs, at }: ResultParts) {
  if (tried.delivered) return { state: "delivered", last_error: null, finished_at: at } as const;
  const pause = retriesMs[row.attempts - 1];
  if (pause === undefined) return { state: "failed", last_error: tried.error, finished_at: at } as const;
  return { state: "waiting", last_error: tried.error, due_at: at + Math.max(spread(pause), tried.waitMs) } as const;
}

/** Since when an endpoint has been failing; undefined: it is not. */
export async function failingSince(transaction: Kysely<WebhookTables>, endpointId: string): Promise<number | undefined> {
  const query = transaction.selectFrom("latchkey_webhook_endpoint").select("failing_since").where("id", "=", endpointId);
  return (await query.where("state", "=", "enabled").executeTakeFirst())?.failing_since ?? undefined;
}

const mostFinished = 100_000;

/** Removes what finished too long ago, and what is beyond the newest hundred thousand. */
export async function removeFinished(transaction: Kysely<WebhookTables>, before: number): Promise<void> {
  const beyond = await transaction
    .selectFrom("latchkey_webhook_delivery")
    .select("finished_at")
    .where("finished_at", "is not", null)
    .orderBy("finished_at", "desc")
    .offset(mostFinished)
    .limit(1)
    .executeTakeFirst();
  const cut = Math.max(before, beyond?.finished_at ?? 0);
  await transaction.deleteFrom("latchkey_webhook_delivery").where("finished_at", "<=", cut).execute();
}
