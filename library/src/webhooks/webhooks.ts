import type { Kysely } from "kysely";
import { type ActedBy, type AuditAction, type AuditTrail, type Clock, Fault, OptionFault, type Store } from "../contracts/index.ts";
import { durationForm, newId, parseDuration, type Sealer } from "../primitives/index.ts";
import { isEventType, messageOfApp, type WebhookEvent } from "./event.ts";
import type { WebhookSettings } from "./options.ts";
import type { WebhookOutbox } from "./outbox.ts";
import { deliveryOf, endpointOf, type WebhookDelivery, type WebhookEndpoint } from "./record.ts";
import { failingSince, removeFinished } from "./results.ts";
import { newWebhookSecret } from "./secret.ts";
import { createSender } from "./sender.ts";
import type { DeliveryRow, EndpointRow, WebhookTables } from "./table.ts";

/** The changed id by which nodes tell each other that the endpoints are others. */
const endpointsChanged = "webhook-endpoints";

export interface EndpointOptions {
  /** https, or http where private networks are allowed. Without a name and password in it. */
  readonly url: string;
  /** Types of events: the server's own (`user.disabled`, `key.revoked`, …), the app's, or `*` for all. */
  readonly events: readonly string[];
  readonly description?: string;
}

/** `auth.webhooks`. `by`: who does it, for the audit. */
export interface Webhooks {
  /** The secret is shown once. Throws an OptionFault. */
  create(options: EndpointOptions, by?: ActedBy): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }>;
  list(): Promise<readonly WebhookEndpoint[]>;
  find(id: string): Promise<WebhookEndpoint | undefined>;
  /** Nothing is sent to it until it is enabled again; what waits, waits. False: there was nothing to disable. */
  disable(id: string, by?: ActedBy): Promise<boolean>;
  enable(id: string, by?: ActedBy): Promise<boolean>;
  /** With all its deliveries. False: there is no such endpoint. */
  delete(id: string, by?: ActedBy): Promise<boolean>;
  /** Messages are signed with both secrets until the overlap (`"24h"` by default) is over. Undefined: there is no such endpoint. */
  rotateSecret(id: string, options?: { readonly overlap?: string }, by?: ActedBy): Promise<{ readonly secret: string } | undefined>;
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
  /** Delivers what is due, until nothing is; answers how many tries that took. For tests, and for processes that have no timer. */
  deliverDue(): Promise<number>;
}

interface WebhookParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: WebhookSettings;
  readonly outbox: WebhookOutbox;
  readonly sealer: Sealer;
  readonly trail: AuditTrail;
  readonly change: (changedId: string, job: (transaction: Kysely<WebhookTables>) => Promise<boolean>) => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
}

const byProgram: ActedBy = { actor: undefined, method: undefined, origin: undefined };
const pollMs = 1_000;
const tidyMs = 3_600_000;
const readMs = 30_000;
/** The transaction that queued it has ended by then. */
const soonMs = 10;

export function createWebhooks(
  parts: WebhookParts,
): Webhooks & { start(): Promise<void>; stop(): Promise<void>; changed(changedId: string): void } {
  const { store, clock, outbox, sealer, settings, trail } = parts;
  const database = store.database<WebhookTables>();
  const contextOf = (id: string) => `webhook endpoint ${id}`;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let tidyAt = 0;
  let readAt = 0;

  const read = async (): Promise<void> => {
    readAt = clock.now() + readMs;
    outbox.take(await database.selectFrom("latchkey_webhook_endpoint").selectAll().execute());
  };

  function opened(sealed: string, id: string): string {
    const secret = sealer.open(sealed, contextOf(id));
    if (secret !== undefined) return secret;
    throw new Fault(
      "LATCHKEY_SECRET_MISMATCH",
      `The secret of the webhook endpoint ${id} does not open under the configured master secrets.`,
    );
  }

  function secretsOf(row: EndpointRow, at: number): readonly string[] {
    const newest = opened(row.secret, row.id);
    return row.old_secret !== null && at < row.old_secret_ends_at! ? [newest, opened(row.old_secret, row.id)] : [newest];
  }

  /** Changes an endpoint and tells of it, here and on other nodes. */
  async function changeEndpoint(
    id: string,
    action: AuditAction,
    by: ActedBy,
    detail: string,
    job: Parameters<WebhookParts["change"]>[1],
  ): Promise<boolean> {
    const done = await parts.change(endpointsChanged, async (transaction) => {
      if (!(await job(transaction))) return false;
      await trail.record(transaction, { action, outcome: "done", ...by, subject: undefined, credentialId: id, detail });
      return true;
    });
    if (done) await read();
    return done;
  }

  const setState = (id: string, state: EndpointRow["state"], reason: string | null, by: ActedBy) =>
    changeEndpoint(id, state === "enabled" ? "webhook.enabled" : "webhook.disabled", by, reason ?? id, async (transaction) => {
      const values = { state, disabled_reason: reason, failing_since: null };
      const update = transaction.updateTable("latchkey_webhook_endpoint").set(values).where("id", "=", id).where("state", "!=", state);
      return (await update.executeTakeFirst()).numUpdatedRows === 1n;
    });

  const sender = createSender({
    ...parts,
    endpoint: (id) => outbox.endpoints.get(id),
    secretsOf,
    async failed(row, tried) {
      // 410: it says itself that nothing shall come any more (Standard Webhooks 1.0).
      const since = await failingSince(database, row.endpoint_id);
      const tooLong = since !== undefined && clock.now() - since >= settings.disableAfterMs;
      if (tried.status === 410 || tooLong)
        await setState(
          row.endpoint_id,
          "disabled",
          tried.status === 410 ? "it answered 410" : `nothing succeeded for too long; last: ${tried.error}`,
          byProgram,
        );
    },
  });

  function wakeSoon(): void {
    if (settings.deliver) soon ??= setTimeout(() => ((soon = undefined), sender.wake()), soonMs).unref();
  }

  async function tidy(): Promise<void> {
    tidyAt = clock.now() + tidyMs;
    await store.write<WebhookTables, void>((transaction) => removeFinished(transaction, clock.now() - settings.keepMs));
    for (const row of outbox.endpoints.values()) {
      if (sealer.isCurrent(row.secret)) continue;
      const secret = sealer.seal(opened(row.secret, row.id), contextOf(row.id));
      const update = database
        .updateTable("latchkey_webhook_endpoint")
        .set({ secret })
        .where("id", "=", row.id)
        .where("secret", "=", row.secret);
      await update.execute();
    }
  }

  function turn(): void {
    // Should a change have been missed, it is not missed for long.
    if (clock.now() >= readAt) read().catch(parts.onFault);
    if (outbox.endpoints.size === 0) return;
    sender.wake();
    if (clock.now() >= tidyAt) tidy().catch(parts.onFault);
  }

  return {
    async create({ url, events, description = "" }, by = byProgram) {
      const id = newId("whe", clock.now());
      const secret = newWebhookSecret();
      const row: EndpointRow = {
        id,
        url: checkUrl(url, settings.allowPrivate),
        description: checkDescription(description),
        events: JSON.stringify(checkEvents(events)),
        state: "enabled",
        disabled_reason: null,
        secret: sealer.seal(secret, contextOf(id)),
        old_secret: null,
        old_secret_ends_at: null,
        failing_since: null,
        dropped: 0,
        created_at: clock.now(),
      };
      await changeEndpoint(id, "webhook.created", by, new URL(url).host, async (transaction) => {
        await transaction.insertInto("latchkey_webhook_endpoint").values(row).execute();
        return true;
      });
      return { endpoint: endpointOf(row), secret };
    },
    async list() {
      return (await database.selectFrom("latchkey_webhook_endpoint").selectAll().orderBy("id", "desc").execute()).map(endpointOf);
    },
    async find(id) {
      const row = await database.selectFrom("latchkey_webhook_endpoint").selectAll().where("id", "=", id).executeTakeFirst();
      return row === undefined ? undefined : endpointOf(row);
    },
    disable: (id, by = byProgram) => setState(id, "disabled", "by an operator", by),
    async enable(id, by = byProgram) {
      const done = await setState(id, "enabled", null, by);
      if (done) wakeSoon();
      return done;
    },
    delete: (id, by = byProgram) =>
      changeEndpoint(id, "webhook.deleted", by, id, async (transaction) => {
        await transaction.deleteFrom("latchkey_webhook_delivery").where("endpoint_id", "=", id).execute();
        return (await transaction.deleteFrom("latchkey_webhook_endpoint").where("id", "=", id).executeTakeFirst()).numDeletedRows === 1n;
      }),
    async rotateSecret(id, { overlap = "24h" } = {}, by = byProgram) {
      const overlapMs = overlap === "0" ? 0 : parseDuration(overlap);
      if (overlapMs === undefined || overlapMs > 30 * 86_400_000)
        throw new OptionFault("overlap", { got: overlap, allowed: `${durationForm}, at most 30d; or 0`, example: '"24h"' });
      const secret = newWebhookSecret();
      const values = { secret: sealer.seal(secret, contextOf(id)), old_secret_ends_at: clock.now() + overlapMs };
      const done = await changeEndpoint(id, "webhook.rotated", by, `overlap ${overlap}`, async (transaction) => {
        const update = transaction.updateTable("latchkey_webhook_endpoint").set((set) => ({ ...values, old_secret: set.ref("secret") }));
        return (await update.where("id", "=", id).executeTakeFirst()).numUpdatedRows === 1n;
      });
      return done ? { secret } : undefined;
    },
    async send(endpointId, event) {
      const message = messageOfApp(event, clock.now(), () => newId("msg", clock.now()));
      if ((await this.find(endpointId)) === undefined) return undefined;
      const deliveryId = await store.write<WebhookTables, string>((transaction) => outbox.queue(transaction, endpointId, message));
      return { messageId: message.id, deliveryId };
    },
    async publish(event) {
      const message = messageOfApp(event, clock.now(), () => newId("msg", clock.now()));
      const wanting = [...outbox.endpoints.values()].filter(({ state, events }) => {
        const types = JSON.parse(events) as string[];
        return state === "enabled" && (types.includes(message.type) || types.includes("*"));
      });
      await store.write<WebhookTables, void>(async (transaction) => {
        for (const { id } of wanting) await outbox.queue(transaction, id, message);
      });
      return wanting.length;
    },
    async deliveries({ endpoint, state, limit = 100, before } = {}) {
      const columns = deliveryColumns;
      let query = database.selectFrom("latchkey_webhook_delivery").select(columns).orderBy("id", "desc");
      if (endpoint !== undefined) query = query.where("endpoint_id", "=", endpoint);
      if (state !== undefined) query = query.where("state", "=", state);
      if (before !== undefined) query = query.where("id", "<", before);
      return (await query.limit(Math.min(Math.max(limit, 1), 1_000)).execute()).map(deliveryOf);
    },
    async redeliver(deliveryId, by = byProgram) {
      const values = { state: "waiting", attempts: 0, due_at: clock.now(), finished_at: null, lease: "", lease_until: 0 } as const;
      const done = await store.write<WebhookTables, boolean>(async (transaction) => {
        const update = transaction.updateTable("latchkey_webhook_delivery").set(values).where("id", "=", deliveryId);
        if ((await update.where("state", "!=", "waiting").executeTakeFirst()).numUpdatedRows !== 1n) return false;
        const told = {
          action: "webhook.redelivered",
          outcome: "done",
          ...by,
          subject: undefined,
          credentialId: deliveryId,
          detail: undefined,
        } as const;
        await trail.record(transaction, told);
        return true;
      });
      if (done) wakeSoon();
      return done;
    },
    deliverDue: () => sender.drain(),
    async start() {
      await read();
      outbox.onQueued(wakeSoon);
      if (settings.deliver) timer = setInterval(turn, pollMs).unref();
    },
    async stop() {
      clearInterval(timer);
      clearTimeout(soon);
      await sender.stop();
    },
    changed(changedId) {
      if (changedId === endpointsChanged) read().catch(parts.onFault);
    },
  };
}

const deliveryColumns = [
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

function checkUrl(text: string, allowPrivate: boolean): string {
  const url = typeof text === "string" && text.length <= 2_000 && URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol === "https:" || (url?.protocol === "http:" && allowPrivate);
  if (url !== undefined && scheme && url.username + url.password === "") return url.href;
  throw new OptionFault("url", {
    got: text,
    allowed: "an https URL without a name and password; http only where private networks are allowed",
    example: '"https://hooks.example.com/latchkey"',
  });
}

function checkEvents(events: readonly string[]): readonly string[] {
  if (Array.isArray(events) && events.length > 0 && events.length <= 100 && events.every((type) => type === "*" || isEventType(type)))
    return [...new Set(events)];
  throw new OptionFault("events", {
    got: events,
    allowed: 'a list of 1 to 100 event types, or ["*"]',
    example: '["user.disabled", "key.revoked"]',
  });
}

function checkDescription(text: string): string {
  if (typeof text === "string" && text.length <= 200 && !/\p{Cc}/u.test(text)) return text;
  throw new OptionFault("description", { got: text, allowed: "at most 200 characters in one line", example: '"billing"' });
}
