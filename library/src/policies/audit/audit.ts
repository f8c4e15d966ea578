import type { AuditListener, AuditTrail, Clock, DecisionEvent, EventSink, Store } from "../../contracts/index.ts";
import type { DerivedKey } from "../../primitives/index.ts";
import { decisionOf, eventOf, refusalRow } from "./event.ts";
import { findRefused } from "./list.ts";
import { type AuditLog, createLog } from "./log.ts";
import { createQueue } from "./queue.ts";
import { removeOlder } from "./retention.ts";
import { createRing } from "./ring.ts";
import type { AuditTables } from "./table.ts";
import { appendTo, createTrail } from "./trail.ts";
import { createUseCounter } from "./uses.ts";
import { createAddUses, lastUses } from "./uses-table.ts";

/** The record of what was done, refused and used. */
export interface Audit {
  /** Where the guard sends its decisions. */
  readonly events: EventSink;
  /** The hand of the other rooms. */
  readonly trail: AuditTrail;
  /** What the operator reads: `auth.audit`. */
  readonly log: AuditLog;
  /** One decision, for the operator: from the ring, from what waits to be written, or from the store. */
  explain(requestId: string): Promise<DecisionEvent | undefined>;
  lastUses(credentialIds: readonly string[]): Promise<ReadonlyMap<string, { readonly at: number; readonly address: string }>>;
  /** Makes what is noted and counted in memory durable. */
  flush(): Promise<void>;
  /** Stops the timer and flushes. */
  stop(): Promise<void>;
}

interface AuditOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Keys of the chain, newest first. */
  readonly keys: readonly [DerivedKey, ...DerivedKey[]];
  /** Name of this node: it has a line of its own. */
  readonly node: string;
  /** How long events are kept; undefined: for ever. */
  readonly keepMs: number | undefined;
  readonly listener: AuditListener;
  readonly onDecision: ((event: DecisionEvent) => void) | undefined;
  readonly onFault: (error: unknown) => void;
}

const ringSize = 4_096;
const flushEveryMs = 2_000;
const removeEveryMs = 3_600_000;

export function createAudit({ store, clock, keys, node, keepMs, listener, onDecision, onFault }: AuditOptions): Audit {
  const ring = createRing(ringSize);
  const uses = createUseCounter();
  const addUses = createAddUses();
  const append = appendTo(node, keys[0], listener);
  const queue = createQueue((rows) => store.write<AuditTables, void>((transaction) => append(transaction, rows)));
  let flushing: Promise<void> = Promise.resolve();
  let removeAt = clock.now();
  const timer = setInterval(() => void turn().catch(onFault), flushEveryMs).unref();

  async function turn(): Promise<void> {
    await flush();
    if (keepMs === undefined || clock.now() < removeAt) return;
    removeAt = clock.now() + removeEveryMs;
    await removeOlder(store, clock.now() - keepMs, keys[0]);
  }

  function flush(): Promise<void> {
    flushing = flushing.catch(() => undefined).then(() => queue.flush().then(writeUses));
    return flushing;
  }

  async function writeUses(): Promise<void> {
    const counted = uses.drain();
    if (counted.length === 0) return;
    try {
      await store.write<AuditTables, void>((transaction) => addUses(transaction, counted));
    } catch (error) {
      uses.putBack(counted);
      throw error;
    }
  }

  return {
    events: {
      allowed(attempt, verified, fromCache, checks) {
        ring.put(attempt, verified, fromCache, checks);
        uses.count(verified, attempt);
      },
      refused(event) {
        onDecision?.(event);
        queue.put(refusalRow(event));
      },
    },
    trail: createTrail(append, queue.put, clock),
    log: createLog({ store, clock, keys, keepMs, flush, lost: () => ({ events: queue.lost, uses: uses.lost }) }),
    async explain(requestId) {
      const seen = ring.find(requestId);
      if (seen !== undefined) return seen;
      const waiting = queue.find((row) => row.request_id === requestId && row.request !== null);
      const event = waiting === undefined ? await findRefused(store, requestId) : eventOf(waiting);
      return event === undefined ? undefined : decisionOf(event);
    },
    async lastUses(credentialIds) {
      await flush();
      return lastUses(store, credentialIds);
    },
    flush,
    async stop() {
      clearInterval(timer);
      await flush();
    },
  };
}
