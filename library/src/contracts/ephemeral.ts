import type { MaybePromise } from "./promise.ts";

/**
 * Short-lived shared state, as a port of few atomic verbs: whichever node is asked, one caller wins.
 * Implementations are bounded. Values are text. Spans are in milliseconds.
 */
export interface Ephemeral {
  /** Stores the value unless the key is there; true for the one caller that stored it. For replay protection. */
  putIfAbsent(key: string, value: string, ttlMs: number): MaybePromise<boolean>;
  /** Reads and removes in one step; undefined for everyone but the first. For one-time codes. */
  take(key: string): MaybePromise<string | undefined>;
  /** Adds `by` to the counter of the current window, which begins with the first call and lasts `windowMs`. */
  increment(key: string, by: number, windowMs: number): MaybePromise<Counter>;
  get(key: string): MaybePromise<string | undefined>;
  put(key: string, value: string, ttlMs: number): MaybePromise<void>;
  /**
   * Puts the value only where the current one is exactly `expected`; true for the one caller that did. Nothing is brought
   * back that is gone: what was removed meanwhile stays removed.
   */
  replace(key: string, expected: string, value: string, ttlMs: number): MaybePromise<boolean>;
  remove(key: string): MaybePromise<void>;
  publish(channel: string, message: string): MaybePromise<void>;
  /** Resolves once messages published from now on will arrive; the result stops it. */
  subscribe(channel: string, listener: (message: string) => void): MaybePromise<() => void>;
  close(): MaybePromise<void>;
}

export interface Counter {
  readonly count: number;
  /** When the window ends and the counter is zero again, in milliseconds since the epoch. */
  readonly resetAt: number;
}
