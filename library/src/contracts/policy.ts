import type { Attempt, Verified } from "./method.ts";
import type { MaybePromise } from "./promise.ts";
import type { Refusal } from "./refusal.ts";

/**
 * What holds for every method. The guard runs a list of policies in order; the first refusal decides.
 * Names appear in `explain`.
 */
export interface Policy {
  readonly name: string;
  /** Before a verification that costs something; not run for an answer from the cache. */
  admit?(attempt: Attempt): MaybePromise<Refusal | undefined>;
  /** The credential was judged bad. */
  failed?(attempt: Attempt): MaybePromise<void>;
  /** The credential was judged good (by the method; the rule may still refuse), or by a fault not judged at all. */
  passed?(attempt: Attempt): MaybePromise<void>;
  /** On every request, once it is known who calls; on the hot path, so it waits for nothing but the body of a rare form. */
  judge?(verified: Verified, attempt: Attempt): MaybePromise<Refusal | undefined>;
}
