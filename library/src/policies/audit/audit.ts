import type { DecisionEvent, EventSink, Store } from "../../contracts/index.ts";
import { createRing } from "./ring.ts";
import { addUses, type AuditTables, findRefusal, insertRefusals, lastUses } from "./table.ts";
import { createUseCounter } from "./uses.ts";

/** The record of decisions. Writes in batches; `flush` makes what is waiting durable. */
export interface Audit extends EventSink {
  /** One decision, for the operator: from the ring, from what waits to be written, or from the store. */
  explain(requestId: string): Promise<DecisionEvent | undefined>;
  lastUses(credentialIds: readonly string[]): Promise<ReadonlyMap<string, { readonly at: number; readonly address: string }>>;
  flush(): Promise<void>;
  /** Stops the timer and flushes. */
  stop(): Promise<void>;
  /** How many refusals could not be kept because too many were waiting. */
  readonly dropped: number;
}

interface AuditOptions {
  readonly store: Store;
  readonly onDecision: ((event: DecisionEvent) => void) | undefined;
  readonly onFault: (error: unknown) => void;
}

const ringSize = 4_096;
const mostWaiting = 10_000;
const flushEveryMs = 2_000;

export function createAudit({ store, onDecision, onFault }: AuditOptions): Audit {
  const ring = createRing(ringSize);
  const uses = createUseCounter();
  let waiting: DecisionEvent[] = [];
  let writing: Promise<void> = Promise.resolve();
  let dropped = 0;
  const timer = setInterval(() => void flush().catch(onFault), flushEveryMs).unref();

  function flush(): Promise<void> {
    writing = writing.catch(() => undefined).then(writeWaiting);
    return writing;
  }

  async function writeWaiting(): Promise<void> {
    const events = waiting;
    const counted = uses.drain();
    if (events.length === 0 && counted.length === 0) return;
    waiting = [];
    try {
      await store.write<AuditTables, void>(async (transaction) => {
        await insertRefusals(transaction, events);
        await addUses(transaction, counted);
      });
    } catch (error) {
      waiting = [...events, ...waiting].slice(0, mostWaiting);
      uses.putBack(counted);
      throw error;
    }
  }

  return {
    get dropped() {
      return dropped;
    },
    allowed(attempt, verified, fromCache) {
      ring.put(attempt, verified, fromCache);
      uses.count(verified, attempt);
    },
    refused(event) {
      onDecision?.(event);
      if (waiting.length < mostWaiting) waiting.push(event);
      else dropped += 1;
    },
    async explain(requestId) {
      return ring.find(requestId) ?? waiting.find((event) => event.requestId === requestId) ?? findRefusal(store, requestId);
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
