// Sessions in short-lived state, e.g. Redis. Three kinds of entries: the session by the digest of its secret, the digest by
// the session's id, and the ids of one user. Each is changed only where it is still what was seen (`replace`), so that
// nothing brings a session back that has ended. The audit and the changes that tell every node stay in SQL.
import type { Kysely } from "kysely";
import { type AuditEntry, type AuditTrail, type Clock, type Ephemeral, Fault, isPromise } from "../../contracts/index.ts";
import type { SessionTimes, StoredSession } from "./record.ts";
import type { SessionShelf } from "./shelf.ts";

export interface EphemeralShelfParts {
  readonly ephemeral: Ephemeral;
  readonly clock: Clock;
  readonly times: SessionTimes;
  readonly trail: AuditTrail;
  readonly change: <Tables>(changedId: string, job: (transaction: Kysely<Tables>) => Promise<boolean>) => Promise<boolean>;
}

/** What stands under the digest of a secret. */
interface Kept {
  readonly session: StoredSession;
  readonly data: string;
  readonly version: number;
}

const byDigest = (digest: string) => `session:${digest}`;
const byId = (id: string) => `session-id:${id}`;
const ofUser = (userId: string) => `session-user:${userId}`;
/** Before the digest of a session that is being ended: it can neither be found by its id nor be given a new secret. */
const ending = "ending:";

export function ephemeralShelf({ ephemeral, clock, times, trail, change }: EphemeralShelfParts): SessionShelf {
  const left = (until: number) => Math.max(1, until - clock.now());

  async function digestOf(id: string): Promise<string | undefined> {
    const digest = await ephemeral.get(byId(id));
    return digest === undefined || digest.startsWith(ending) ? undefined : digest;
  }

  async function kept(id: string): Promise<{ readonly digest: string; readonly text: string; readonly value: Kept } | undefined> {
    const digest = await digestOf(id);
    const text = digest === undefined ? undefined : await ephemeral.get(byDigest(digest));
    return digest === undefined || text === undefined ? undefined : { digest, text, value: parse(text) };
  }

  /** Writes over what was seen; gives up when somebody else was first too often. */
  async function rewrite(id: string, make: (value: Kept) => Kept | undefined): Promise<boolean> {
    for (let tries = 0; tries < 20; tries += 1) {
      const seen = await kept(id);
      const next = seen === undefined ? undefined : make(seen.value);
      if (seen === undefined || next === undefined) return false;
      if (await ephemeral.replace(byDigest(seen.digest), seen.text, JSON.stringify(next), left(next.session.endsAt))) return true;
    }
    throw new Fault("LATCHKEY_STORE_BUSY", "The session kept changing while it was being written.");
  }

  async function idsOf(userId: string): Promise<readonly string[]> {
    return JSON.parse((await ephemeral.get(ofUser(userId))) ?? "[]") as string[];
  }

  async function reindex(userId: string, make: (ids: readonly string[]) => readonly string[]): Promise<void> {
    for (let tries = 0; tries < 50; tries += 1) {
      const seen = await ephemeral.get(ofUser(userId));
      const next = JSON.stringify(make(JSON.parse(seen ?? "[]") as string[]));
      const key = ofUser(userId);
      const done =
        seen === undefined ? ephemeral.putIfAbsent(key, next, times.absoluteMs) : ephemeral.replace(key, seen, next, times.absoluteMs);
      if (await done) return;
    }
    throw new Fault("LATCHKEY_STORE_BUSY", "The sessions of the user kept changing.");
  }

  async function list(userId: string): Promise<StoredSession[]> {
    const found = await Promise.all((await idsOf(userId)).map(kept));
    const sessions = found.flatMap((one) => (one === undefined ? [] : [one.value.session]));
    return sessions.toSorted((left_, right) => right.lastSeenAt - left_.lastSeenAt || (right.id < left_.id ? -1 : 1));
  }

  const tell = (id: string, entry: AuditEntry) =>
    change(id, async (transaction) => {
      await trail.record(transaction, entry);
      return true;
    });

  /**
   * Marks it first, so that it cannot get a new secret meanwhile, and forgets the mark last: whatever fails in between, it is
   * of no use any more, and doing it again finishes it.
   */
  async function end(id: string, entry: AuditEntry): Promise<boolean> {
    for (;;) {
      const seen = await ephemeral.get(byId(id));
      if (seen === undefined) return false;
      const digest = seen.startsWith(ending) ? seen.slice(ending.length) : seen;
      if (seen === digest && !(await ephemeral.replace(byId(id), digest, ending + digest, times.absoluteMs))) continue;
      await ephemeral.remove(byDigest(digest));
      await tell(id, { ...entry, credentialId: id });
      await ephemeral.remove(byId(id));
      return true;
    }
  }

  return {
    find(digest) {
      const text = ephemeral.get(byDigest(digest));
      const read = (found: string | undefined) => (found === undefined ? undefined : parse(found).session);
      return isPromise(text) ? text.then(read) : read(text);
    },
    get: async (id) => (await kept(id))?.value.session,
    list: async (userId, at) => (await list(userId)).filter(({ endsAt }) => endsAt > at),
    async add(session, digest, most, entry) {
      const standing = await list(session.userId);
      const beyond = standing.slice(most - 1).map(({ id }) => id);
      const staying = new Set([...standing.map(({ id }) => id).filter((id) => !beyond.includes(id)), session.id]);
      const known = new Set(await idsOf(session.userId));
      // In the list before it can be used, so that ending all of a user's sessions misses none. Others may be adding too.
      await reindex(session.userId, (ids) => [...new Set([...ids.filter((id) => staying.has(id) || !known.has(id)), session.id])]);
      await ephemeral.put(byId(session.id), digest, left(session.expiresAt));
      // Durable in the audit before it can be used.
      await tell(session.id, entry);
      await ephemeral.put(byDigest(digest), JSON.stringify({ session, data: "{}", version: 0 } satisfies Kept), left(session.endsAt));
      const detail = `more than ${most} sessions`;
      for (const id of beyond) await end(id, { ...entry, action: "session.ended", detail });
    },
    async renew(id, digest, { authenticatedAt, lastSeenAt, endsAt, acr, amr }, entry) {
      const seen = await kept(id);
      if (seen === undefined) return false;
      const session = { ...seen.value.session, authenticatedAt, lastSeenAt, endsAt, acr, amr };
      await ephemeral.put(byDigest(digest), JSON.stringify({ ...seen.value, session }), left(endsAt));
      if (!(await ephemeral.replace(byId(id), seen.digest, digest, left(session.expiresAt)))) {
        await ephemeral.remove(byDigest(digest));
        return false;
      }
      const last = await ephemeral.take(byDigest(seen.digest));
      // The app wrote between the look and the move: what it kept moves too.
      if (last !== undefined && last !== seen.text) {
        const { data, version } = parse(last);
        await rewrite(id, (value) => (value.version < version ? { ...value, data, version } : undefined));
      }
      await tell(id, entry);
      return true;
    },
    end: (id, _at, entry) => end(id, entry),
    async endAll(userId, exceptId, _at, entry) {
      const ids = (await idsOf(userId)).filter((id) => id !== exceptId);
      const ended = await Promise.all(ids.map((id) => end(id, entry)));
      await reindex(userId, (now) => now.filter((id) => !ids.includes(id)));
      return ended.filter(Boolean).length;
    },
    async sight(sightings) {
      const seen = ({ id, at, address, endsAt }: (typeof sightings)[number]) =>
        rewrite(id, (value) =>
          value.session.lastSeenAt >= at
            ? undefined
            : { ...value, session: { ...value.session, lastSeenAt: at, lastAddress: address, endsAt } },
        );
      await Promise.all(sightings.map(seen));
    },
    // Entries go by themselves when their time is over.
    sweep: () => Promise.resolve(0),
    async readData(id) {
      const found = await kept(id);
      return found === undefined ? undefined : { version: found.value.version, text: found.value.data };
    },
    writeData: (id, { version, text }) =>
      rewrite(id, (value) => (value.version === version ? { ...value, data: text, version: version + 1 } : undefined)),
  };
}

function parse(text: string): Kept {
  return JSON.parse(text) as Kept;
}
