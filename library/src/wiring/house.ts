import type { AuditListener, AuditTrail, Ephemeral, RequestView, Store } from "../contracts/index.ts";
import type { Settings } from "../options.ts";
import { clientAddressThrough } from "../policies/address/index.ts";
import { type Audit, createAudit } from "../policies/audit/index.ts";
import { type Changes, createChanges } from "../policies/revocation/index.ts";
import { deriveKeys } from "../primitives/index.ts";
import { createLogoutOutbox, type LogoutOutbox } from "../methods/oauth/server/index.ts";
import { createWebhookOutbox, type WebhookOutbox } from "../webhooks/index.ts";
import { memory } from "../stores/memory/index.ts";
import { type ChangeMany, changeThrough } from "./change.ts";
import { type Confirmations, wireConfirmations } from "./confirmation.ts";
import { type Limits, wireLimits } from "./limits.ts";

/** What every area is built on; each takes of it what it names. */
export interface House {
  readonly settings: Settings;
  readonly ephemeral: Ephemeral;
  readonly changes: Changes;
  /** Makes a change, and tells every node of it. */
  readonly change: ChangeMany;
  readonly audit: Audit;
  /** What is to be told to others, in the transaction in which it happens. */
  readonly outbox: WebhookOutbox;
  /** Which apps are to be told of a logout, in the transaction that ends the session. */
  readonly logouts: LogoutOutbox;
  readonly trail: AuditTrail;
  readonly limits: Limits;
  readonly clientAddress: (view: RequestView) => string;
  /** What a token can be bound to. */
  readonly confirmations: Confirmations;
}

/** Brings the tables up to date and begins to listen to other nodes. Rejects with a Fault when the store does not answer. */
export async function buildHouse(settings: Settings, tables: Parameters<Store["migrate"]>[0]): Promise<House> {
  const { store, clock, onFault } = settings;
  await store.migrate(tables);
  const changes = createChanges({ store, clock, silenceMs: settings.feedSilenceMs, onFault });
  await changes.start();
  const keys = deriveKeys(settings.secrets, "audit-chain");
  const ephemeral = settings.ephemeral ?? memory({ clock });
  const outbox = createWebhookOutbox(clock);
  const logouts = createLogoutOutbox({ clock, sessionMs: settings.sessions.times.absoluteMs });
  const listener = bothListeners(outbox, logouts);
  const audit = createAudit({ store, clock, keys, ...settings.audit, listener, onDecision: settings.onDecision, onFault });
  return {
    settings,
    ephemeral,
    confirmations: wireConfirmations(settings, ephemeral),
    changes,
    change: changeThrough(store, changes, clock),
    audit,
    outbox,
    logouts,
    trail: audit.trail,
    limits: wireLimits(settings),
    clientAddress: clientAddressThrough(settings.trustProxy, settings.onWarning),
  };
}

/** Each hears what it wants to hear. */
function bothListeners(...listeners: readonly AuditListener[]): AuditListener {
  return {
    wants: (action) => listeners.some((listener) => listener.wants(action)),
    async record(transaction, events) {
      for (const listener of listeners) {
        const wanted = events.filter(({ action }) => listener.wants(action));
        if (wanted.length > 0) await listener.record(transaction, wanted);
      }
    },
  };
}
