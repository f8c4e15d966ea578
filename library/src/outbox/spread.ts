import { randomBelow } from "../primitives/index.ts";

/** A span of milliseconds, a fifth more or less, so that what failed together is not tried again together. */
export function spread(ms: number): number {
  return Math.round((ms * (800 + randomBelow(401))) / 1_000);
}
