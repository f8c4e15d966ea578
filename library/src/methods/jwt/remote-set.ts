import { type Clock, Fault, type MaybePromise } from "../../contracts/index.ts";
import type { JsonObject } from "../../primitives/index.ts";

/** What stands in a document of somebody else, and how one thing in it is found. */
interface RemoteSetParts<Item, Wanted, Found> {
  /** Whose it is, for the operator. */
  readonly owner: string;
  readonly fetch: () => Promise<JsonObject>;
  /** Undefined: it is no such document. */
  readonly read: (document: JsonObject) => readonly Item[] | undefined;
  readonly choose: (items: readonly Item[], wanted: Wanted) => Found | undefined;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** A set is fetched anew after this long, in the background. */
const freshMs = 600_000;
/** Without an answer of its owner its last form is used for a day. */
const staleMs = 86_400_000;
/** Least time between two fetches, whatever is looked for. */
const coolDownMs = 30_000;

/**
 * A set that somebody else publishes. Cached; what is not in it fetches it again, at most twice a minute and once for all who wait;
 * an outage of its owner is survived for a day. Throws, and rejects with, a Fault where there never was one.
 */
export function createRemoteSet<Item, Wanted, Found>(
  parts: RemoteSetParts<Item, Wanted, Found>,
): (wanted: Wanted) => MaybePromise<Found | undefined> {
  const { clock, choose } = parts;
  let items: readonly Item[] = [];
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let fetching: Promise<void> | undefined;

  async function read(): Promise<void> {
    const found = parts.read(await parts.fetch());
    if (found === undefined) throw new Error(`what ${parts.owner} publishes is no JWK set`);
    items = found;
    fetchedAt = clock.now();
  }

  function refresh(): Promise<void> {
    triedAt = clock.now();
    fetching ??= read().finally(() => (fetching = undefined));
    return fetching;
  }

  return (wanted) => {
    const at = clock.now();
    const usable = at - fetchedAt <= staleMs;
    const found = usable ? choose(items, wanted) : undefined;
    const mayTry = fetching !== undefined || at - triedAt >= coolDownMs;
    if (found !== undefined) {
      if (at - fetchedAt > freshMs && mayTry) refresh().catch(parts.onFault);
      return found;
    }
    if (!mayTry && usable) return undefined;
    if (!mayTry) throw unavailable(parts.owner);
    return refresh().then(
      () => choose(items, wanted),
      (error: unknown) => {
        if (usable) return undefined;
        throw unavailable(parts.owner, error);
      },
    );
  };
}

function unavailable(owner: string, cause?: unknown): Fault {
  return new Fault("LATCHKEY_ISSUER_UNAVAILABLE", `The keys of ${owner} cannot be fetched.`, { cause, retryAfterSeconds: 30 });
}
