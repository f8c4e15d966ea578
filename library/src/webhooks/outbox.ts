import type { Kysely } from "kysely";
import type { AuditAction, Clock, RecordedEvent } from "../contracts/index.ts";
import { newId } from "../primitives/index.ts";
import { eventTypeOf, type Message, messageOf, unbounded } from "./event.ts";
import type { DeliveryRow, EndpointRow, WebhookTables } from "./table.ts";

/** Takes messages in the transaction of what they tell of: both are durable, or neither. */
export interface WebhookOutbox {
  /** Whether any endpoint wants to hear of this act. Waits for nothing: without endpoints an act costs nothing more. */
  wants(action: AuditAction): boolean;
  /** Queues acts of the audit log for the endpoints that want them. */
  record<Tables>(transaction: Kysely<Tables>, events: readonly RecordedEvent[]): Promise<void>;
  /** Queues one message for one endpoint; the delivery's id, also where it was queued before. Undefined: the endpoint is gone. */
  queue(transaction: Kysely<WebhookTables>, endpointId: string, message: Message): Promise<string | undefined>;
  /** The enabled endpoints that want to hear of this type, each once. */
  subscribers(type: string): ReadonlySet<string>;
  /** The endpoints as they were last read. */
  readonly endpoints: ReadonlyMap<string, EndpointRow>;
  /** Puts what was read in their place. */
  take(rows: readonly EndpointRow[]): void;
  /** Called for each message; its transaction may not have ended yet. */
  onQueued(listener: () => void): void;
}

/** More than these wait for an endpoint only if nobody outside can make them happen. */
const mostUnbounded = 10_000;

export function createWebhookOutbox(clock: Clock): WebhookOutbox {
  let endpoints: ReadonlyMap<string, EndpointRow> = new Map();
  let byType: ReadonlyMap<string, readonly string[]> = new Map();
  let queued: () => void = () => undefined;

  const subscribers = (type: string) => new Set([...(byType.get(type) ?? []), ...(byType.get("*") ?? [])]);

  async function queue(transaction: Kysely<WebhookTables>, endpointId: string, message: Message): Promise<string | undefined> {
    // Another node may have deleted it: what is told of must not fail for that.
    if (!(await isThere(transaction, endpointId))) return undefined;
    const row = waitingRow(endpointId, message, clock.now());
    const made = await transaction
      .insertInto("latchkey_webhook_delivery")
      .values(row)
      .onConflict((conflict) => conflict.columns(["endpoint_id", "message_id"]).doNothing())
      .returning("id")
      .executeTakeFirst();
    queued();
    return made?.id ?? (await findQueued(transaction, endpointId, message.id));
  }

  async function queueEvent(transaction: Kysely<WebhookTables>, event: RecordedEvent): Promise<void> {
    const type = eventTypeOf(event.action);
    if (type === undefined) return;
    for (const endpointId of subscribers(type)) {
      if (unbounded.has(type) && (await isFull(transaction, endpointId))) await countDropped(transaction, endpointId);
      else await queue(transaction, endpointId, messageOf(event, type));
    }
  }

  return {
    get endpoints() {
      return endpoints;
    },
    wants(action) {
      if (byType.size === 0) return false;
      const type = eventTypeOf(action);
      return type !== undefined && (byType.has(type) || byType.has("*"));
    },
    async record(transaction, events) {
      for (const event of events) await queueEvent(transaction as unknown as Kysely<WebhookTables>, event);
    },
    queue,
    subscribers,
    take(rows) {
      endpoints = new Map(rows.map((row) => [row.id, row]));
      const subscribed = new Map<string, string[]>();
      for (const { id, state, events } of rows)
        if (state === "enabled")
          for (const type of JSON.parse(events) as string[]) subscribed.set(type, [...(subscribed.get(type) ?? []), id]);
      byType = subscribed;
    },
    onQueued: (listener) => (queued = listener),
  };
}

function waitingRow(endpointId: string, message: Message, at: number): DeliveryRow {
  return {
    id: newId("whd", at),
    endpoint_id: endpointId,
    message_id: message.id,
    event_type: message.type,
    body: message.body,
    state: "waiting",
    attempts: 0,
    due_at: at,
    lease: "",
    lease_until: 0,
    created_at: at,
    last_attempt_at: null,
    last_status: null,
    last_error: null,
    finished_at: null,
  };
}

async function isThere(transaction: Kysely<WebhookTables>, endpointId: string): Promise<boolean> {
  const query = transaction.selectFrom("latchkey_webhook_endpoint").select("id").where("id", "=", endpointId);
  return (await query.executeTakeFirst()) !== undefined;
}

async function findQueued(transaction: Kysely<WebhookTables>, endpointId: string, messageId: string): Promise<string> {
  const query = transaction.selectFrom("latchkey_webhook_delivery").select("id").where("endpoint_id", "=", endpointId);
  return (await query.where("message_id", "=", messageId).executeTakeFirstOrThrow()).id;
}

async function isFull(transaction: Kysely<WebhookTables>, endpointId: string): Promise<boolean> {
  const waiting = transaction.selectFrom("latchkey_webhook_delivery").select("id").where("endpoint_id", "=", endpointId);
  const beyond = await waiting.where("state", "=", "waiting").orderBy("due_at").offset(mostUnbounded).limit(1).executeTakeFirst();
  return beyond !== undefined;
}

async function countDropped(transaction: Kysely<WebhookTables>, endpointId: string): Promise<void> {
  await transaction
    .updateTable("latchkey_webhook_endpoint")
    .set((set) => ({ dropped: set("dropped", "+", 1) }))
    .where("id", "=", endpointId)
    .execute();
}
