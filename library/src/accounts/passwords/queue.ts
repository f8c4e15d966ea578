import { availableParallelism } from "node:os";
import { Fault } from "../../contracts/index.ts";

/** The single place where password hashes are computed: so many at a time, so many waiting, no more. */
export interface HashQueue {
  /**
   * Runs the job when a place is free, in the order of the calls. Rejects at once with a Fault when too many wait: an
   * answer that comes after the client gave up is worth nothing, and memory stays bounded.
   */
  run<Result>(job: () => Promise<Result>): Promise<Result>;
  /** Throws the same Fault now, when a job would be rejected: so that nothing is done for it before. */
  refuseWhenFull(): void;
  readonly state: HashQueueState;
}

/** For metrics. */
export interface HashQueueState {
  readonly running: number;
  readonly waiting: number;
  /** Jobs begun since the start. */
  readonly begun: number;
  /** Jobs refused because too many were waiting. */
  readonly refused: number;
}

export interface QueueOptions {
  /** Jobs at a time. Default: the cores. */
  readonly width?: number;
  /** Jobs that may wait for each that runs. At 20 ms a hash, 32 are two thirds of a second. */
  readonly waitingEach?: number;
}

export function createHashQueue({ width = availableParallelism(), waitingEach = 32 }: QueueOptions = {}): HashQueue {
  const waiting: (() => void)[] = [];
  let running = 0;
  let begun = 0;
  let refused = 0;

  function next(): void {
    running -= 1;
    waiting.shift()?.();
  }

  function refuseWhenFull(): void {
    if (running < width || waiting.length < width * waitingEach) return;
    refused += 1;
    throw new Fault("LATCHKEY_PASSWORD_QUEUE_FULL", `${waiting.length} passwords are waiting to be hashed.`, { retryAfterSeconds: 1 });
  }

  return {
    get state() {
      return { running, waiting: waiting.length, begun, refused };
    },
    refuseWhenFull,
    async run(job) {
      refuseWhenFull();
      if (running >= width) {
        // The place is taken for the one that waits before it wakes up, so that nobody slips in between.
        await new Promise<void>((resume) =>
          waiting.push(() => {
            running += 1;
            resume();
          }),
        );
      } else {
        running += 1;
      }
      begun += 1;
      try {
        return await job();
      } finally {
        next();
      }
    },
  };
}
