import { within } from "../primitives/index.ts";

/** What is done after an answer. Lives in this process, for the milliseconds until it has been written down what to send. */
export interface Errands {
  /** Runs the errand later. False: too many wait. */
  post(errand: () => Promise<void>): boolean;
  /** Resolves once everything that waits now was run or has failed. */
  flush(): Promise<void>;
}

interface ErrandParts {
  readonly onFault: (error: unknown) => void;
  /** Errands at a time. */
  readonly width?: number;
  /** Errands that may wait. */
  readonly most?: number;
  /** How long one may take. */
  readonly timeoutMs?: number;
}

export function createErrands({ onFault, width = 4, most = 1_000, timeoutMs = 60_000 }: ErrandParts): Errands {
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();

  function next(): void {
    while (running.size < width) {
      const errand = waiting.shift();
      if (errand === undefined) return;
      const done: Promise<void> = within(timeoutMs, errand)
        .catch(onFault)
        .then(() => {
          running.delete(done);
          next();
        });
      running.add(done);
    }
  }

  return {
    post(errand) {
      if (waiting.length >= most) return false;
      waiting.push(errand);
      // Begun after the answer of the request: an errand must not take its time.
      setImmediate(next);
      return true;
    },
    async flush() {
      for (next(); running.size > 0; next()) await Promise.all(running);
    },
  };
}
