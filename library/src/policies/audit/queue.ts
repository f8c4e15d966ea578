import type { EventRow } from "./table.ts";

/** Events that nobody waits for, on their way to the store: bounded, in order, each written once. */
export interface EventQueue {
  put(row: EventRow): void;
  find(wanted: (row: EventRow) => boolean): EventRow | undefined;
  /** Writes what was waiting when it was called. Rejects when the store does not answer; nothing is lost by that. */
  flush(): Promise<void>;
  /** How many could not be kept because too many were waiting. */
  readonly lost: number;
}

const mostWaiting = 10_000;
/** So many in one transaction: chaining and writing them takes about ten milliseconds. */
const mostTogether = 250;

export function createQueue(write: (rows: readonly EventRow[]) => Promise<void>): EventQueue {
  let waiting: EventRow[] = [];
  let underWay: readonly EventRow[] = [];
  let lost = 0;
  return {
    get lost() {
      return lost;
    },
    put(row) {
      if (waiting.length + underWay.length < mostWaiting) waiting.push(row);
      else lost += 1;
    },
    find: (wanted) => underWay.find(wanted) ?? waiting.find(wanted),
    async flush() {
      for (let left = waiting.length; left > 0; left -= underWay.length) {
        underWay = waiting.slice(0, Math.min(left, mostTogether));
        waiting = waiting.slice(underWay.length);
        try {
          await write(underWay);
        } catch (error) {
          waiting = [...underWay, ...waiting];
          underWay = [];
          throw error;
        }
      }
      underWay = [];
    },
  };
}
