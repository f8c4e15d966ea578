import { after, type Attempt, type Limit, type MaybePromise, type Policy, type Refusal } from "../../contracts/index.ts";
import { addressBucket } from "../../primitives/index.ts";
import type { Counters } from "./counters.ts";
import { rateLimitRefusals } from "./refusals.ts";
import { guessLimit, stateOf } from "./state.ts";

export interface AttemptLimits {
  /** Bad credentials from one address (IPv6: one network). Undefined: not limited. */
  readonly address: Limit | undefined;
  /** Uses of one bad credential. */
  readonly credential: Limit | undefined;
  readonly ipv6Bits: number;
}

/**
 * Stops guessing. Each verification that costs something takes a place beforehand, so that parallel guesses cannot pass
 * together. A good credential gives its place back, and so does one that could not be judged: only bad ones add up. A good
 * answer from one's own credential never clears what an address has guessed wrong.
 */
export function attemptPolicy(counters: Counters, { address, credential, ipv6Bits }: AttemptLimits): Policy {
  const kinds = [
    // An address that nobody tells is everybody's: one stranger's guesses would shut all of them out.
    {
      name: "address",
      limit: address,
      key: (attempt: Attempt) => (attempt.address === "" ? undefined : `attempts:address:${addressBucket(attempt.address, ipv6Bits)}`),
    },
    { name: "credential", limit: credential, key: (attempt: Attempt) => `attempts:credential:${attempt.digest}` },
  ];

  function giveBack(attempt: Attempt, taken: typeof kinds): MaybePromise<void> {
    let given: MaybePromise<unknown>;
    for (const { limit, key } of taken) {
      const counter = key(attempt);
      if (limit !== undefined && counter !== undefined) given = after(given, () => counters.add(counter, -1, limit.windowMs));
    }
    return after(given, () => undefined);
  }

  function take(attempt: Attempt, index: number): MaybePromise<Refusal | undefined> {
    const kind = kinds[index];
    if (kind === undefined) return undefined;
    const { name, limit } = kind;
    const counter = kind.key(attempt);
    if (limit === undefined || counter === undefined) return take(attempt, index + 1);
    return after(counters.add(counter, 1, limit.windowMs), (counted) => {
      const held = guessLimit(counted, limit);
      if (counted.count <= held.count) return take(attempt, index + 1);
      const rateLimit = stateOf(counted, "attempts", held, attempt.at);
      const detail = `${name}: ${counted.count} of ${held.count}`;
      const refusal = rateLimitRefusals.attempts({ detail, rateLimit, retryAfterSeconds: rateLimit.resetSeconds });
      // Nothing was looked at, so nothing was guessed.
      return after(giveBack(attempt, kinds.slice(0, index + 1)), () => refusal);
    });
  }

  return { name: "attempts", admit: (attempt) => take(attempt, 0), passed: (attempt) => giveBack(attempt, kinds) };
}
