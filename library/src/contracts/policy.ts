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
  /** On every request, once it is known who calls. */
  judge?(verified: Verified, attempt: Attempt): MaybePromise<Refusal | undefined>;
  /** Told when a credential was judged bad, to count it. */
  failed?(attempt: Attempt, refusal: Refusal): void;
}
