import { type Clock, type Counter, type Ephemeral, Fault, isPromise, type MaybePromise } from "../../contracts/index.ts";
import { createLocalCounters } from "./local-counters.ts";

/** Counts in fixed windows that begin with the first call. Never fails and never waits long. */
export interface Counters {
  add(key: string, by: number, windowMs: number): MaybePromise<Counted>;
}

export interface Counted extends Counter {
  /** The other nodes could not be asked: this node counts alone, so what guards a secret must hold a tighter limit. */
  readonly alone?: boolean;
}

interface CountersOptions {
  /** What the nodes share; undefined: there is one node. */
  readonly shared: Ephemeral | undefined;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  /** Longest wait for the shared counters. */
  readonly timeoutMs?: number;
}

/** How long this node counts alone before it asks again, in the background. */
const askAgainMs = 1_000;

/**
 * Shared counters, and this node's own while those are lost, slow or refuse to write. One request waits for the
 * time-out; after it nobody does, until a question in the background was answered.
 */
export function createCounters({ shared, clock, onFault, timeoutMs = 250 }: CountersOptions): Counters {
  const local = createLocalCounters(clock);
  if (shared === undefined) return local;
  let lost = false;
  let askAt = 0;

  function alone(key: string, by: number, windowMs: number): Counted {
    return { ...local.add(key, by, windowMs), alone: true };
  }

  function fell(error: unknown): void {
    askAt = clock.now() + askAgainMs;
    if (lost) return;
    lost = true;
    onFault(error);
  }

  async function ask(): Promise<void> {
    try {
      // A write: a replica that may only be read would answer anything else.
      await within(shared!.increment("limits:probe", 1, askAgainMs), timeoutMs);
      lost = false;
    } catch (error) {
      fell(error);
    }
  }

  async function waited(answer: Promise<Counter>, key: string, by: number, windowMs: number): Promise<Counted> {
    try {
      return await within(answer, timeoutMs);
    } catch (error) {
      fell(error);
      return alone(key, by, windowMs);
    }
  }

  return {
    add(key, by, windowMs) {
      if (lost) {
        const at = clock.now();
        if (at >= askAt) {
          askAt = at + askAgainMs;
          void ask();
        }
        return alone(key, by, windowMs);
      }
      try {
        const answer = shared.increment(key, by, windowMs);
        return isPromise(answer) ? waited(answer, key, by, windowMs) : answer;
      } catch (error) {
        fell(error);
        return alone(key, by, windowMs);
      }
    },
  };
}

async function within<T>(answer: MaybePromise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fault = () => new Fault("LATCHKEY_STORE_UNAVAILABLE", `The shared counters did not answer within ${timeoutMs} ms.`);
    timer = setTimeout(() => reject(fault()), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
