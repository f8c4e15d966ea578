import { type Ephemeral, isPromise, type MaybePromise } from "../../contracts/index.ts";
import { within } from "../../primitives/index.ts";

/** From where each account was signed in to lately: what comes from there is counted apart from what comes from elsewhere. */
export interface KnownPlaces {
  /** Whether the account was signed in to from this address lately; no where that cannot be known. */
  has(account: string, address: string): MaybePromise<boolean>;
  /** The password was right. */
  remember(account: string, address: string): MaybePromise<void>;
}

/** Long enough for a job that runs once a month. */
const knownMs = 35 * 86_400_000;
const answersWithinMs = 250;

/** Keeps them in short-lived state. When that is lost, nobody is known: limits are those of strangers, and nothing waits long. */
export function createKnownPlaces(ephemeral: Pick<Ephemeral, "get" | "put">): KnownPlaces {
  const keyOf = (account: string, address: string) => `signin:place:${account}:${address}`;
  return {
    has(account, address) {
      const found = attempted(() => ephemeral.get(keyOf(account, address)));
      return isPromise(found) ? found.then((value) => value !== undefined) : found !== undefined;
    },
    remember: (account, address) => attempted(() => ephemeral.put(keyOf(account, address), "1", knownMs)),
  };
}

/** The faults of that state are told by the counters, which ask it just as often. */
function attempted<T>(ask: () => MaybePromise<T>): MaybePromise<T | undefined> {
  try {
    const answer = ask();
    return isPromise(answer) ? within(answersWithinMs, () => answer).catch(() => undefined) : answer;
  } catch {
    return undefined;
  }
}
