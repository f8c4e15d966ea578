import type { DeliveryRow, EndpointRow } from "./table.ts";

/** Where messages go. Its secret is shown when it is made, and never again. */
export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** Types of events that it is told of; `*`: all. */
  readonly events: readonly string[];
  readonly state: "enabled" | "disabled";
  /** Why it is disabled. */
  readonly disabledReason: string | undefined;
  /** Since when no try has succeeded, in milliseconds since the epoch; undefined: the last one did. */
  readonly failingSince: number | undefined;
  /** Messages that it was not told of because too many waited. */
  readonly dropped: number;
  readonly createdAt: number;
}

/** One message on its way to one endpoint, or what became of it. */
export interface WebhookDelivery {
  readonly id: string;
  readonly endpointId: string;
  /** `webhook-id`: the same at every try. */
  readonly messageId: string;
  readonly type: string;
  readonly state: "waiting" | "delivered" | "failed";
  readonly attempts: number;
  readonly createdAt: number;
  /** When the next try is due. */
  readonly dueAt: number | undefined;
  readonly lastAttemptAt: number | undefined;
  readonly lastStatus: number | undefined;
  readonly lastError: string | undefined;
  readonly finishedAt: number | undefined;
}

export function endpointOf(row: EndpointRow): WebhookEndpoint {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: JSON.parse(row.events) as string[],
    state: row.state,
    disabledReason: row.disabled_reason ?? undefined,
    failingSince: row.failing_since ?? undefined,
    dropped: row.dropped,
    createdAt: row.created_at,
  };
}

export function deliveryOf(row: Omit<DeliveryRow, "body">): WebhookDelivery {
  return {
    id: row.id,
    endpointId: row.endpoint_id,
    messageId: row.message_id,
    type: row.event_type,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    dueAt: row.state === "waiting" ? row.due_at : undefined,
    lastAttemptAt: row.last_attempt_at ?? undefined,
    lastStatus: row.last_status ?? undefined,
    lastError: row.last_error ?? undefined,
    finishedAt: row.finished_at ?? undefined,
  };
}
