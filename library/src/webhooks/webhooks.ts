import type { AuditTrail, Clock, Store } from "../contracts/index.ts";
import type { Sealer } from "../primitives/index.ts";
import { createDeliveries, type WebhookDeliveries } from "./deliveries.ts";
import { type Change, createEndpoints, endpointsChanged, type WebhookEndpoints } from "./endpoints.ts";
import type { WebhookSettings } from "./options.ts";
import type { WebhookOutbox } from "./outbox.ts";
import { failingSince, removeFinished } from "./results.ts";
import { createSealedSecrets } from "./sealed-secrets.ts";
import { createSender } from "./sender.ts";
import type { WebhookTables } from "./table.ts";

/** `auth.webhooks`. */
export interface Webhooks extends WebhookEndpoints, WebhookDeliveries {
  /** Delivers what is due, until nothing is; answers how many tries that took. For tests, and for processes that have no timer. */
  deliverDue(): Promise<number>;
}

/** The room as the wiring holds it. */
export interface WebhookRoom extends Webhooks {
  /** Reads the endpoints, and begins to deliver where this process does. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Hears of changes, here and on other nodes. */
  changed(changedId: string): void;
}

interface WebhookParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: WebhookSettings;
  readonly outbox: WebhookOutbox;
  readonly sealer: Sealer;
  readonly trail: AuditTrail;
  readonly change: Change;
  readonly onFault: (error: unknown) => void;
}

const tidyMs = 3_600_000;
/** Should a change have been missed, it is not missed for longer. */
const readMs = 30_000;
const lookMs = 1_000;

/** Puts endpoints, outbox and sender together. */
export function createWebhooks(parts: WebhookParts): WebhookRoom {
  const { store, clock, settings, outbox, onFault } = parts;
  const secrets = createSealedSecrets(parts.sealer);
  const wake = () => void (settings.deliver && sender.wakeSoon());
  const { read, disableFor, renewSecrets, ...endpoints } = createEndpoints({ ...parts, secrets, wake });
  let timer: NodeJS.Timeout | undefined;
  let tidyAt = 0;
  let readAt = 0;

  const sender = createSender({
    ...parts,
    endpoints: () => outbox.endpoints,
    secretsOf: secrets.inForce,
    async failed({ endpoint_id }, { status, error }) {
      // 410: it says itself that nothing shall come any more (Standard Webhooks 1.0).
      if (status === 410) return void (await disableFor(endpoint_id, "it answered 410"));
      const since = await failingSince(store.database<WebhookTables>(), endpoint_id);
      if (since !== undefined && clock.now() - since >= settings.disableAfterMs)
        await disableFor(endpoint_id, `nothing succeeded for too long; last: ${error}`);
    },
  });

  async function tidy(): Promise<void> {
    await store.write<WebhookTables, void>((transaction) => removeFinished(transaction, clock.now() - settings.keepMs));
    await renewSecrets();
  }

  function look(): void {
    const at = clock.now();
    if (at >= readAt) {
      readAt = at + readMs;
      read().catch(onFault);
    }
    if (outbox.endpoints.size === 0 || at < tidyAt) return;
    tidyAt = at + tidyMs;
    tidy().catch(onFault);
  }

  return {
    ...endpoints,
    ...createDeliveries({ ...parts, wake }),
    deliverDue: sender.drain,
    async start() {
      await read();
      readAt = clock.now() + readMs;
      outbox.onQueued(wake);
      if (!settings.deliver) return;
      sender.start();
      timer = setInterval(look, lookMs).unref();
    },
    async stop() {
      clearInterval(timer);
      await sender.stop();
    },
    changed(changedId) {
      if (changedId === endpointsChanged) read().catch(onFault);
    },
  };
}
