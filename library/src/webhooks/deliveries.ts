import type { ActedBy, AuditTrail, Clock, Store } from "../contracts/index.ts";
import { newId } from "../primitives/index.ts";
import { messageOfApp, type WebhookEvent } from "./event.ts";
import type { WebhookOutbox } from "./outbox.ts";
import { deliveryOf, type WebhookDelivery } from "./record.ts";
import type { DeliveryRow, WebhookTables } from "./table.ts";

/** What is sent, and what became of it. `by`: who does it, for the audit. */
export interface WebhookDeliveries {
  /** Queues an event for one endpoint; durable when it resolves. Undefined: there is no such endpoint. */
  send(endpointId: string, event: WebhookEvent): Promise<{ readonly messageId: string; readonly deliveryId: string } | undefined>;
  /** Queues an event for every endpoint that wants its type, and answers how many those are. */
  publish(event: WebhookEvent): Promise<number>;
  /** Newest first, at most `limit` (100); `before` is the id to go on from. */
  deliveries(filter?: {
    readonly endpoint?: string;
    readonly state?: WebhookDelivery["state"];
    readonly limit?: number;
    readonly before?: string;
  }): Promise<readonly WebhookDelivery[]>;
  /** Sends a message again, with all its tries. False: there is no such delivery, or it is on its way. */
  redeliver(deliveryId: string, by?: ActedBy): Promise<boolean>;
}

interface DeliveryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly outbox: WebhookOutbox;
  readonly trail: AuditTrail;
  /** Called when there is more to send. */
  readonly wake: () => void;
}

export function createDeliveries({ store, clock, outbox, trail, wake }: DeliveryParts): WebhookDeliveries {
  const database = store.database<WebhookTables>();
  const messageFrom = (event: WebhookEvent) => messageOfApp(event, clock.now(), () => newId("msg", clock.now()));

  return {
    async send(endpointId, event) {
      const message = messageFrom(event);
      const deliveryId = await store.write<WebhookTables, string | undefined>((transaction) =>
        outbox.queue(transaction, endpointId, message),
      );
      return deliveryId === undefined ? undefined : { messageId: message.id, deliveryId };
    },
    async publish(event) {
      const message = messageFrom(event);
      return store.write<WebhookTables, number>(async (transaction) => {
        let told = 0;
        for (const id of outbox.subscribers(message.type)) if ((await outbox.queue(transaction, id, message)) !== undefined) told += 1;
        return told;
      });
    },
    async deliveries({ endpoint, state, limit = 100, before } = {}) {
      let query = database.selectFrom("latchkey_webhook_delivery").select(listed).orderBy("id", "desc");
      if (endpoint !== undefined) query = query.where("endpoint_id", "=", endpoint);
      if (state !== undefined) query = query.where("state", "=", state);
      if (before !== undefined) query = query.where("id", "<", before);
      return (await query.limit(Math.min(Math.max(limit, 1), 1_000)).execute()).map(deliveryOf);
    },
    async redeliver(deliveryId, by = { actor: undefined, method: undefined, origin: undefined }) {
      const values = { state: "waiting", attempts: 0, due_at: clock.now(), finished_at: null, lease: "", lease_until: 0 } as const;
      const told = { action: "webhook.redelivered", outcome: "done", subject: undefined, credentialId: deliveryId } as const;
      const done = await store.write<WebhookTables, boolean>(async (transaction) => {
        const update = transaction.updateTable("latchkey_webhook_delivery").set(values).where("id", "=", deliveryId);
        if ((await update.where("state", "!=", "waiting").executeTakeFirst()).numUpdatedRows !== 1n) return false;
        await trail.record(transaction, { ...told, ...by, detail: undefined });
        return true;
      });
      if (done) wake();
      return done;
    },
  };
}

/** All but the body, which may be long. */
const listed = [
  "id",
  "endpoint_id",
  "message_id",
  "event_type",
  "state",
  "attempts",
  "due_at",
  "lease",
  "lease_until",
  "created_at",
  "last_attempt_at",
  "last_status",
  "last_error",
  "finished_at",
] as const satisfies readonly (keyof DeliveryRow)[];
