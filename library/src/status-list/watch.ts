import { type Clock, Fault, type MaybePromise } from "../contracts/index.ts";
import type { StatusList } from "./list-token.ts";
import type { OpenedList } from "./open-list.ts";
import type { StatusReference } from "./reference.ts";

interface WatchParts {
  readonly clock: Clock;
  /** A list that tokens ask for is looked at this often. */
  readonly pollMs: number;
  /** Without an answer of the issuer, the last list is used for so long, and never past its own end. */
  readonly keepMs: number;
  /** Undefined where it has not changed since that ETag. */
  readonly fetch: (
    uri: string,
    etag: string | undefined,
  ) => Promise<{ readonly bytes: Buffer; readonly etag: string | undefined } | undefined>;
  /** Verifies and unpacks. */
  readonly open: (token: string, uri: string) => Promise<OpenedList>;
  /** Told once when lists cannot be had, not at every attempt. */
  readonly onFault: (error: unknown) => void;
}

/** The issuer's lists as a verifier elsewhere keeps them. */
export interface StatusWatch {
  /** What the list says, waiting for it where it is not at hand. Rejects with a Fault when nobody can know. */
  ask(reference: StatusReference, at: number): MaybePromise<"good" | "revoked" | "untold">;
  /** Whether the token is good by what is at hand now; false also where nothing is. */
  stillGood(reference: StatusReference, at: number): boolean;
  /** Looks at every list that is in use: what the timer does. */
  poll(): Promise<void>;
  stop(): void;
}

interface Watched {
  readonly uri: string;
  list: StatusList | undefined;
  etag: string | undefined;
  expiresAt: number;
  /** When the last good answer was asked for: what the list says is at least as new. */
  heardAt: number;
  triedAt: number;
  usedAt: number;
  failed: boolean;
  fetching: Promise<void> | undefined;
}

/** A list that nobody asked for this long is not looked at any more. */
const inUseMs = 60_000;
/** Lists that are kept: a list of ours is for a million tokens. */
const mostLists = 64;

export function createStatusWatch(parts: WatchParts): StatusWatch {
  const { clock, pollMs, keepMs } = parts;
  const lists = new Map<string, Watched>();
  // One look may be late by a network's delay; after that requests wait for the list instead of trusting it.
  const freshMs = pollMs + Math.min(pollMs, 400);
  const timer = setInterval(() => void poll(), pollMs).unref();

  function watched(uri: string, at: number): Watched {
    const known = lists.get(uri);
    if (known !== undefined) return known;
    if (lists.size >= mostLists) lists.delete(leastUsed(lists.values()).uri);
    const made: Watched = {
      uri,
      list: undefined,
      etag: undefined,
      expiresAt: 0,
      heardAt: -Infinity,
      triedAt: -Infinity,
      usedAt: at,
      failed: false,
      fetching: undefined,
    };
    lists.set(uri, made);
    return made;
  }

  const usable = (one: Watched, at: number) => one.list !== undefined && at < one.expiresAt && at - one.heardAt <= keepMs;

  /** Fresh; or kept through an outage, while somebody looks whether it is over. */
  function atHand(one: Watched, at: number): boolean {
    if (!usable(one, at)) return false;
    if (at - one.heardAt <= freshMs) return true;
    return one.failed && (one.fetching !== undefined || at - one.triedAt <= freshMs);
  }

  function refresh(one: Watched): Promise<void> {
    one.fetching ??= look(one).finally(() => {
      one.triedAt = clock.now();
      one.fetching = undefined;
    });
    return one.fetching;
  }

  async function look(one: Watched): Promise<void> {
    const at = clock.now();
    try {
      const fetched = await parts.fetch(one.uri, at < one.expiresAt ? one.etag : undefined);
      if (fetched !== undefined) {
        const { list, expiresAt } = await parts.open(fetched.bytes.toString("latin1"), one.uri);
        Object.assign(one, { list, expiresAt, etag: fetched.etag });
      }
      one.heardAt = at;
      one.failed = false;
    } catch (error) {
      if (!one.failed) parts.onFault(error);
      one.failed = true;
      throw error;
    }
  }

  async function poll(): Promise<void> {
    const at = clock.now();
    const used = [...lists.values()].filter(({ usedAt }) => at - usedAt <= inUseMs);
    await Promise.all(used.map((one) => refresh(one).catch(() => undefined)));
  }

  function ask({ uri, idx }: StatusReference, at: number): ReturnType<StatusWatch["ask"]> {
    const one = watched(uri, at);
    one.usedAt = at;
    if (atHand(one, at)) return answer(one, idx);
    // Of a list that could not be had a moment ago, nobody waits again.
    if (one.failed && one.fetching === undefined && at - one.triedAt < pollMs && !usable(one, at)) throw unavailable(uri);
    return refresh(one).then(
      () => answer(one, idx),
      (cause: unknown) => {
        if (usable(one, clock.now())) return answer(one, idx);
        throw unavailable(uri, cause);
      },
    );
  }

  return {
    ask,
    stillGood({ uri, idx }, at) {
      const one = lists.get(uri);
      if (one === undefined) return false;
      one.usedAt = at;
      return atHand(one, at) && one.list!.isSet(idx) === false;
    },
    poll,
    stop: () => clearInterval(timer),
  };
}

function answer({ list }: Watched, idx: number): "good" | "revoked" | "untold" {
  const set = list!.isSet(idx);
  return set === undefined ? "untold" : set ? "revoked" : "good";
}

function leastUsed(lists: Iterable<Watched>): Watched {
  let least: Watched | undefined;
  for (const one of lists) if (least === undefined || one.usedAt < least.usedAt) least = one;
  return least!;
}

function unavailable(uri: string, cause?: unknown): Fault {
  return new Fault("LATCHKEY_ISSUER_UNAVAILABLE", `The status list ${uri} cannot be had: what was revoked is not known.`, {
    cause,
    retryAfterSeconds: 1,
  });
}
