import type { MaybePromise } from "./promise.ts";
import type { Refusal } from "./refusal.ts";

/** Somebody presents a credential that may be a guess. */
export interface Guess {
  /** The client's address, through trusted proxies only; "" when unknown. */
  readonly address: string;
  /** Of what was presented, so that it need not be kept. */
  readonly digest: string;
  readonly at: number;
}

/**
 * Stops guessing at secrets that are too long to be guessed in parallel either, of which many good ones arrive at once: what
 * counts is counted afterwards, and the good pay for nothing. Its counts are those of the gate, so an address has one budget.
 */
export interface Guesses {
  /** Before anything costly. Undefined: go on. */
  held(guess: Guess): MaybePromise<Refusal | undefined>;
  /** It was judged bad. */
  wrong(guess: Guess): MaybePromise<void>;
}
