/**
 * The only source of time. Every `…At` in this code base is an instant in milliseconds since the epoch,
 * as `Date.now()` gives it; every `…Ms` or `…Seconds` is a span. Tests pass a clock of their own.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
