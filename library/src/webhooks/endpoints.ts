import type { Kysely } from "kysely";
import { type ActedBy, type AuditAction, type AuditTrail, type Clock, OptionFault, type Store } from "../contracts/index.ts";
import { durationForm, newId, parseDuration } from "../primitives/index.ts";
import { checkDescription, checkEvents, checkUrl, type EndpointOptions } from "./endpoint-options.ts";
import type { WebhookSettings } from "./options.ts";
import type { WebhookOutbox } from "./outbox.ts";
import { endpointOf, type WebhookEndpoint } from "./record.ts";
import type { SealedSecrets } from "./sealed-secrets.ts";
import { newWebhookSecret } from "./secret.ts";
import type { EndpointRow, WebhookTables } from "./table.ts";

/** The changed id by which nodes tell each other that the endpoints are others. */
export const endpointsChanged = "webhook-endpoints";

/** Makes a change, and tells every node of it. */
export type Change = (changedId: string, job: (transaction: Kysely<WebhookTables>) => Promise<boolean>) => Promise<boolean>;

/** Where messages go. `by`: who does it, for the audit. */
export interface WebhookEndpoints {
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
}

/** What the room itself does beside. */
interface Upkeep {
  /** Reads the endpoints as they are now into the outbox. */
  read(): Promise<void>;
  disableFor(id: string, reason: string): Promise<boolean>;
  /** Seals each secret under the newest master secret. */
  renewSecrets(): Promise<void>;
}

interface EndpointParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: WebhookSettings;
  readonly outbox: WebhookOutbox;
  readonly secrets: SealedSecrets;
  readonly trail: AuditTrail;
  readonly change: Change;
  /** Called when there may be more to send. */
  readonly wake: () => void;
}

const byProgram: ActedBy = { actor: undefined, method: undefined, origin: undefined };

export function createEndpoints(parts: EndpointParts): WebhookEndpoints & Upkeep {
  const { store, clock, settings, outbox, secrets, trail } = parts;
  const database = store.database<WebhookTables>();

  async function read(): Promise<void> {
    outbox.take(await database.selectFrom("latchkey_webhook_endpoint").selectAll().execute());
  }

  /** Changes an endpoint and tells of it, here and on other nodes. */
  async function changeEndpoint(
    id: string,
    action: AuditAction,
    by: ActedBy,
    detail: string,
    job: Parameters<Change>[1],
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

  return {
    read,
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
        secret: secrets.seal(secret, id),
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
    disableFor: (id, reason) => setState(id, "disabled", reason, byProgram),
    async enable(id, by = byProgram) {
      const done = await setState(id, "enabled", null, by);
      if (done) parts.wake();
      return done;
    },
    delete: (id, by = byProgram) =>
      changeEndpoint(id, "webhook.deleted", by, id, async (transaction) => {
        await transaction.deleteFrom("latchkey_webhook_delivery").where("endpoint_id", "=", id).execute();
        return (await transaction.deleteFrom("latchkey_webhook_endpoint").where("id", "=", id).executeTakeFirst()).numDeletedRows === 1n;
      }),
    async rotateSecret(id, { overlap = "24h" } = {}, by = byProgram) {
      const overlapMs = readOverlap(overlap);
      const secret = newWebhookSecret();
      const values = { secret: secrets.seal(secret, id), old_secret_ends_at: clock.now() + overlapMs };
      const done = await changeEndpoint(id, "webhook.rotated", by, `overlap ${overlap}`, async (transaction) => {
        const update = transaction.updateTable("latchkey_webhook_endpoint").set((set) => ({ ...values, old_secret: set.ref("secret") }));
        return (await update.where("id", "=", id).executeTakeFirst()).numUpdatedRows === 1n;
      });
      return done ? { secret } : undefined;
    },
    async renewSecrets() {
      for (const row of outbox.endpoints.values()) {
        const secret = secrets.renewed(row);
        if (secret === undefined) continue;
        const update = database.updateTable("latchkey_webhook_endpoint").set({ secret }).where("id", "=", row.id);
        await update.where("secret", "=", row.secret).execute();
      }
    },
  };
}

function readOverlap(overlap: string): number {
  const ms = overlap === "0" ? 0 : parseDuration(overlap);
  if (ms !== undefined && ms <= 30 * 86_400_000) return ms;
  throw new OptionFault("overlap", { got: overlap, allowed: `${durationForm}, at most 30d; or 0`, example: '"24h"' });
}
