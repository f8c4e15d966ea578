import type { Latchkey } from "latchkey";
import { faultFacts, type Log } from "./log/index.ts";

/** Resolves with the first signal to stop; a second one ends the process at once. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.once("SIGTERM", () => process.exit(1));
      process.once("SIGINT", () => process.exit(1));
      resolve(signal);
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
}

const flushMs = 2_000;

/**
 * What nobody caught is a mistake in the program, after which nothing is sure: it is logged, what was counted is written, and
 * the process ends with code 3, for whoever watches it to start it again.
 */
export function lastResort(log: Log, auth: Pick<Latchkey, "flush">): void {
  const end = (error: unknown, origin: string): void => {
    log.write("fatal", `${origin}: the process ends`, faultFacts(error));
    setTimeout(() => process.exit(3), flushMs);
    void Promise.allSettled([auth.flush(), log.flush()]).then(() => process.exit(3));
  };
  process.once("uncaughtException", (error) => end(error, "uncaught exception"));
  process.once("unhandledRejection", (reason) => end(reason, "unhandled rejection"));
}
