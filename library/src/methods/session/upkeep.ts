import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../contracts/index.ts";
import type { SessionShelf } from "./shelf.ts";
import type { Sightings } from "./sightings.ts";

/** What happens to sessions beside the requests. */
export interface Upkeep {
  /** Ends a session whose ending failed: tried again until it is done. It was refused to the client as a fault. */
  endLater(task: () => Promise<unknown>): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface UpkeepParts {
  readonly shelf: SessionShelf;
  readonly sightings: Sightings;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

const everyMs = 2_000;
const sweepEveryMs = 60_000;
const mostWaiting = 10_000;

/** Between two rounds of a sweep, so that requests come first and the log does not grow quicker than it is brought over. */
const restMs = 10;

/** Takes away all that is over. Each round is one short write. */
export async function sweepAll(shelf: Pick<SessionShelf, "sweep">, clock: Clock): Promise<number> {
  let swept = 0;
  for (let some = await shelf.sweep(clock.now()); some > 0; some = await shelf.sweep(clock.now())) {
    swept += some;
    await pause(restMs, undefined, { ref: false });
  }
  return swept;
}

/** Writes sightings every two seconds, sweeps what is over every minute, and tries again what could not be ended. */
export function createUpkeep({ shelf, sightings, clock, onFault }: UpkeepParts): Upkeep {
  let unfinished: (() => Promise<unknown>)[] = [];
  const timers = [
    setInterval(() => void flush().catch(onFault), everyMs).unref(),
    setInterval(() => void sweepAll(shelf, clock).catch(onFault), sweepEveryMs).unref(),
  ];

  async function flush(): Promise<void> {
    const tasks = unfinished;
    unfinished = [];
    const outcomes = await Promise.allSettled(tasks.map((task) => task()));
    unfinished.push(...tasks.filter((_, index) => outcomes[index]!.status === "rejected"));
    await sightings.flush();
  }

  return {
    endLater(task) {
      if (unfinished.length < mostWaiting) unfinished.push(task);
    },
    flush,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await flush();
    },
  };
}
