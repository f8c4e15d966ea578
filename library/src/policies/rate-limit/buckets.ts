import type { Guess, Limit, RateLimitState, Refusal } from "../../contracts/index.ts";
import { addressBucket } from "../../primitives/index.ts";
import type { Counted } from "./counters.ts";
import { rateLimitRefusals } from "./refusals.ts";
import { guessLimit, stateOf } from "./state.ts";

export interface AttemptLimits {
  /** Bad credentials from one address (IPv6: one network). Undefined: not limited. */
  readonly address: Limit | undefined;
  /** Uses of one bad credential. */
  readonly credential: Limit | undefined;
  readonly ipv6Bits: number;
}

/** One count that a bad credential adds to. */
export interface Bucket {
  readonly name: string;
  readonly limit: Limit;
  /** Undefined: nothing to count this one by. */
  key(guess: Guess): string | undefined;
}

/** What bad credentials are counted by; the same wherever they are presented. */
export function bucketsOf({ address, credential, ipv6Bits }: AttemptLimits): readonly Bucket[] {
  // An address that nobody tells is everybody's: one stranger's guesses would shut all of them out.
  const byAddress = (guess: Guess) => (guess.address === "" ? undefined : `attempts:address:${addressBucket(guess.address, ipv6Bits)}`);
  // What is good once only has no digest: each is another one, and is counted by its address.
  const byCredential = ({ digest }: Guess) => (digest === "" ? undefined : `attempts:credential:${digest}`);
  return [
    ...(address === undefined ? [] : [{ name: "address", limit: address, key: byAddress }]),
    ...(credential === undefined ? [] : [{ name: "credential", limit: credential, key: byCredential }]),
  ];
}

/** Too many, of which; `over` counts how many more than counted the limit must have room for. */
export function refusalOf({ name, limit }: Bucket, counted: Counted, at: number, over = 0): Refusal | undefined {
  const held = guessLimit(counted, limit);
  if (counted.count + over <= held.count) return undefined;
  const rateLimit: RateLimitState = stateOf(counted, "attempts", held, at);
  const detail = `${name}: ${counted.count + over} of ${held.count}`;
  return rateLimitRefusals.attempts({ detail, rateLimit, retryAfterSeconds: rateLimit.resetSeconds });
}
