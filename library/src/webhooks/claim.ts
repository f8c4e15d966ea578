import type { Kysely } from "kysely";
import type { Store } from "../contracts/index.ts";
import type { DeliveryRow, WebhookTables } from "./table.ts";

/** An endpoint for which something is due. */
export interface DueEndpoint {
  readonly id: string;
  readonly failing: boolean;
}

/** The enabled endpoints for which something is due that nobody is busy with. One probe of an index for each endpoint. */
export async function dueEndpoints(store: Store, at: number): Promise<readonly DueEndpoint[]> {
  const rows = await store
    .database<WebhookTables>()
    .selectFrom("latchkey_webhook_endpoint")
    .select(["id", "failing_since"])
    .where("state", "=", "enabled")
    .where((where) =>
      where.exists(
        where
          .selectFrom("latchkey_webhook_delivery")
          .select("latchkey_webhook_delivery.id")
          .whereRef("endpoint_id", "=", "latchkey_webhook_endpoint.id")
          .where("latchkey_webhook_delivery.state", "=", "waiting")
          .where("due_at", "<=", at)
          .where("lease_until", "<=", at),
      ),
    )
    .execute();
  return rows.map(({ id, failing_since }) => ({ id, failing: failing_since !== null }));
}

/** How much of an endpoint's messages this node takes on, and until when nobody else may. */
export interface Claim {
  readonly endpointId: string;
  readonly most: number;
}

/**
 * Takes deliveries for this node. What was claimed is what the update touched: a node that wanted the same row finds it
 * leased. A node that dies keeps its leases until they end.
 */
export async function claim(
  transaction: Kysely<WebhookTables>,
  claims: readonly Claim[],
  { at, until, lease }: { readonly at: number; readonly until: number; readonly lease: string },
): Promise<readonly DeliveryRow[]> {
  const taken: DeliveryRow[] = [];
  for (const { endpointId, most } of claims) {
    const rows = await transaction
      .updateTable("latchkey_webhook_delivery")
      .set((set) => ({ lease, lease_until: until, last_attempt_at: at, attempts: set("attempts", "+", 1) }))
      .where("id", "in", (query) =>
        query
          .selectFrom("latchkey_webhook_delivery")
          .select("id")
          .where("endpoint_id", "=", endpointId)
          .where("state", "=", "waiting")
          .where("due_at", "<=", at)
          .where("lease_until", "<=", at)
          .orderBy("due_at")
          .limit(most),
      )
      .where("state", "=", "waiting")
      .where("lease_until", "<=", at)
      .returningAll()
      .execute();
    taken.push(...rows);
  }
  return taken;
}
