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

/** Writes sightings every two seconds, sweeps what is over every minute, and tries again what could not be ended. */
export function createUpkeep({ shelf, sightings, clock, onFault }: UpkeepParts): Upkeep {
  let unfinished: (() => Promise<unknown>)[] = [];
  const timers = [
    setInterval(() => void flush().catch(onFault), everyMs).unref(),
    setInterval(() => void sweep().catch(onFault), sweepEveryMs).unref(),
  ];

  async function flush(): Promise<void> {
    const tasks = unfinished;
    unfinished = [];
    const outcomes = await Promise.allSettled(tasks.map((task) => task()));
    unfinished.push(...tasks.filter((_, index) => outcomes[index]!.status === "rejected"));
    await sightings.flush();
  }

  async function sweep(): Promise<void> {
    // Each round is one short write; requests come in between.
    while ((await shelf.sweep(clock.now())) > 0);
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
