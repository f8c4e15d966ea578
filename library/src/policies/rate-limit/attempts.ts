import { after, type Attempt, isPromise, type MaybePromise, type Policy, type Refusal } from "../../contracts/index.ts";
import { type AttemptLimits, bucketsOf, refusalOf } from "./buckets.ts";
import type { Counters } from "./counters.ts";

/**
 * Stops guessing. Each verification that costs something takes a place beforehand, so that parallel guesses cannot pass
 * together. A good credential gives its place back, and so does one that could not be judged: only bad ones add up. A good
 * answer from one's own credential never clears what an address has guessed wrong.
 */
export function attemptPolicy(counters: Counters, limits: AttemptLimits): Policy {
  const buckets = bucketsOf(limits);

  function giveBack(attempt: Attempt, taken = buckets): MaybePromise<void> {
    let given: MaybePromise<unknown>;
    for (const { limit, key } of taken) {
      const counter = key(attempt);
      if (counter === undefined) continue;
      given = isPromise(given) ? given.then(() => counters.add(counter, -1, limit.windowMs)) : counters.add(counter, -1, limit.windowMs);
    }
    return isPromise(given) ? given.then(() => undefined) : undefined;
  }

  function take(attempt: Attempt, index: number): MaybePromise<Refusal | undefined> {
    const bucket = buckets[index];
    if (bucket === undefined) return undefined;
    const counter = bucket.key(attempt);
    if (counter === undefined) return take(attempt, index + 1);
    return after(counters.add(counter, 1, bucket.limit.windowMs), (counted) => {
      const refusal = refusalOf(bucket, counted, attempt.at);
      if (refusal === undefined) return take(attempt, index + 1);
      // Nothing was looked at, so nothing was guessed.
      return after(giveBack(attempt, buckets.slice(0, index + 1)), () => refusal);
    });
  }

  return { name: "attempts", admit: (attempt) => take(attempt, 0), passed: (attempt) => giveBack(attempt) };
}
