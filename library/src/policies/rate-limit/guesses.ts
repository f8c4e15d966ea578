import { after, type Guess, type Guesses, type MaybePromise, type Refusal } from "../../contracts/index.ts";
import { type AttemptLimits, bucketsOf, refusalOf } from "./buckets.ts";
import type { Counters } from "./counters.ts";

/** Counts what was judged bad, in the budgets of `attemptPolicy`. A hundred good ones at once hold up nobody. */
export function createGuesses(counters: Counters, limits: AttemptLimits): Guesses {
  const buckets = bucketsOf(limits);

  function ask(guess: Guess, index: number): MaybePromise<Refusal | undefined> {
    const bucket = buckets[index];
    if (bucket === undefined) return undefined;
    const counter = bucket.key(guess);
    if (counter === undefined) return ask(guess, index + 1);
    const counted = counters.add(counter, 0, bucket.limit.windowMs);
    return after(counted, (made) => refusalOf(bucket, made, guess.at, 1) ?? ask(guess, index + 1));
  }

  return {
    held: (guess) => ask(guess, 0),
    wrong(guess) {
      let told: MaybePromise<unknown>;
      for (const { limit, key } of buckets) {
        const counter = key(guess);
        if (counter !== undefined) told = after(told, () => counters.add(counter, 1, limit.windowMs));
      }
      return after(told, () => undefined);
    },
  };
}
