import type { Kysely } from "kysely";
import {
  type ActedBy,
  after,
  type AuditTrail,
  type Clock,
  isPromise,
  isRefusal,
  type MaybePromise,
  type Refusal,
  type Store,
} from "../contracts/index.ts";
import { createRandomPool, expandToken, inspectToken, newId, newToken, randomBase62, sha256 } from "../primitives/index.ts";
import { refreshRefusals } from "./refusals.ts";
import {
  createUse,
  type FamilyRow,
  findPresented,
  findRevoked,
  createInsertFamily,
  isUsed,
  type PresentedRow,
  presentedNow,
  pruneFamily,
  type RefreshTables,
  revokeFamilies,
  revokeFamily,
  type TokenRow,
} from "./table.ts";

export interface FamilyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly environment: string;
  /** A token that is not used for this long is of no more use. */
  readonly idleMs: number;
  /** Longest life of a family, however often it is used. */
  readonly absoluteMs: number;
  /** How long a used token gives the same successor again; 0: never. */
  readonly graceMs: number;
  /** Most families of one subject. */
  readonly mostFamilies: number;
  readonly trail: AuditTrail;
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<RefreshTables>) => Promise<boolean>) => Promise<boolean>;
  /** What ends the access tokens of a family: what the feed is told, and the write. */
  readonly cutoff: (familyId: string) => { readonly changedIds: readonly string[]; write<T>(transaction: Kysely<T>): Promise<void> };
}

/** What a family was begun with. */
export interface NewFamily {
  /** The grant that it carries on; left out: it is one of its own. */
  readonly id?: string | undefined;
  readonly subject: string;
  /** Who may use it; a refresh token of one client is of no use to another. */
  readonly clientId: string;
  readonly sessionId?: string | undefined;
  /** What its access tokens shall say; given back at each refresh. */
  readonly data: unknown;
  /** When it ends at the latest, if before the usual time. */
  readonly noLaterThan?: number | undefined;
}

/** A refresh token in this answer only, and its family. */
export interface Refreshed {
  readonly refreshToken: string;
  readonly expiresAt: number;
  readonly familyId: string;
  readonly subject: string;
  readonly clientId: string;
  readonly sessionId: string | undefined;
  readonly data: unknown;
}

export interface DraftedFamily {
  readonly refreshed: Refreshed;
  /** When it ends at the latest. */
  readonly endsAt: number;
  write<T>(transaction: Kysely<T>): Promise<void>;
  after(): Promise<void>;
}

type Inspected = Pick<Refreshed, "familyId" | "subject" | "clientId" | "sessionId" | "data">;

/** A token that was found to be of its client and of a family that stands, and is not used up by that. */
export interface Presented extends Inspected {
  /** As `rotate`, without looking for it again: what decides is the write, whatever happened since it was found. */
  rotate(by: ActedBy): Promise<Refreshed | Refusal>;
}

export type EndedFamilies = { readonly id: string } | { readonly subject: string; readonly clientId: string };

/** Refresh tokens in families (RFC 9700 s.4.14.2). Knows nothing of users, endpoints or what an access token is. */
export interface RefreshFamilies {
  /** A new family that is written in the transaction of what it comes of; `after` ends those that there were too many of. */
  draft(family: NewFamily, by: ActedBy): DraftedFamily;
  /** What a token is of, without using it up. A refusal: it is not good now, or of another client. */
  inspect(token: string, clientId: string): MaybePromise<Presented | Refusal>;
  /** Ends a family, or all between a subject and a client, in the transaction of the caller, who ends their access tokens. */
  endIn<T>(transaction: Kysely<T>, which: EndedFamilies): Promise<void>;
  begin(family: NewFamily, by: ActedBy): Promise<Refreshed>;
  /**
   * Uses a token up for its successor, durable when it resolves. Once only, whichever node is asked: a second use by the same
   * client within the grace, while the successor is unused, gets the same successor; any other use ends the family.
   */
  rotate(token: string, clientId: string, by: ActedBy): Promise<Refreshed | Refusal>;
  /** Ends the family of a token, and its access tokens. False: there was nothing to end. */
  revoke(token: string, clientId: string, by: ActedBy): Promise<boolean>;
  /** Whether a family of this id stands: what was made of it goes with it. */
  stands(familyId: string): MaybePromise<boolean>;
}

const prefix = "lkr";
const pruneEvery = 32;

export function createFamilies(parts: FamilyParts): RefreshFamilies {
  const { store, clock, graceMs } = parts;
  const find = findPresented(store);
  const use = createUse();
  const findEnd = findRevoked(store);
  const insert = createInsertFamily();
  const random = createRandomPool();
  const format = { prefix, environment: parts.environment };

  /**
   * The next token is made of the one before it, of which only the digest is stored, and of as many random bits again, which are:
   * whoever has both makes the same once more, and neither the database nor an old token alone reveals anything.
   */
  const successorOf = (token: string, salt: string): string => newToken(format, expandToken(token, `refresh-successor ${salt}`));

  const tokenRow = (token: string, familyId: string, generation: number, endsAt: number): TokenRow => ({
    digest: sha256(token),
    family_id: familyId,
    generation,
    expires_at: Math.min(clock.now() + parts.idleMs, endsAt),
    used_at: null,
    successor: null,
  });

  /** Ends a family and its access tokens, in the transaction of the caller. */
  async function end(transaction: Kysely<RefreshTables>, row: PresentedRow, detail: string, by: ActedBy): Promise<boolean> {
    if (!(await revokeFamily(transaction, row.family_id, clock.now()))) return false;
    await parts.cutoff(row.family_id).write(transaction);
    const { subject, family_id: credentialId } = row;
    await parts.trail.record(transaction, { action: "refresh-token.revoked", outcome: "done", ...by, subject, credentialId, detail });
    return true;
  }

  /** Somebody else was faster, or the token is old: the same successor by the rule, or the end of the family. */
  async function again(transaction: Kysely<RefreshTables>, token: string, by: ActedBy): Promise<Outcome> {
    const row = await presentedNow(transaction, sha256(token));
    if (row === undefined) return { refusal: refreshRefusals.unknown(), ended: false };
    if (row.revoked_at !== null) return { refusal: refreshRefusals.revoked({ detail: `${row.family_id} has ended` }), ended: false };
    const at = clock.now();
    const successor = row.successor === null ? undefined : successorOf(token, row.successor);
    const inGrace = row.used_at !== null && at - row.used_at < graceMs;
    if (successor !== undefined && inGrace && !(await isUsed(transaction, row.family_id, row.generation + 1)))
      return { refreshed: answer(row, successor, Math.min(row.used_at! + parts.idleMs, row.ends_at)) };
    const detail = `generation ${row.generation} of ${row.family_id} was used again`;
    const ended = await end(transaction, row, detail, by);
    return { refusal: refreshRefusals.reused({ detail }), ended };
  }

  function draft(family: NewFamily, by: ActedBy): DraftedFamily {
    const at = clock.now();
    const id = family.id ?? newId("grt", at, random);
    const token = newToken(format, random);
    const endsAt = Math.min(at + parts.absoluteMs, family.noLaterThan ?? Infinity);
    const row: FamilyRow = {
      id,
      subject: family.subject,
      client_id: family.clientId,
      session_id: family.sessionId ?? null,
      grant_data: JSON.stringify(family.data ?? null),
      created_at: at,
      last_used_at: at,
      ends_at: endsAt,
      revoked_at: null,
    };
    const first = tokenRow(token, id, 1, endsAt);
    let ended: readonly string[] = [];
    return {
      refreshed: answer({ ...row, ...first }, token, first.expires_at),
      endsAt,
      async write(transaction) {
        ended = await insert(transaction as unknown as Kysely<RefreshTables>, row, first, parts.mostFamilies);
        await parts.trail.record(transaction, {
          action: "refresh-token.created",
          outcome: "done",
          ...by,
          subject: family.subject,
          credentialId: id,
          detail: ended.length === 0 ? undefined : `${ended.join(", ")} ended: at most ${parts.mostFamilies} at a time`,
        });
      },
      async after() {
        for (const familyId of ended) {
          const { changedIds, write } = parts.cutoff(familyId);
          await parts.change(changedIds, (transaction) => write(transaction).then(() => true));
        }
      },
    };
  }

  function inspect(token: string, clientId: string): MaybePromise<Presented | Refusal> {
    if (inspectToken(token, prefix) !== "sound") return refreshRefusals.malformed();
    return after(find(sha256(token)), ([row]) => {
      if (row === undefined) return refreshRefusals.unknown();
      if (row.client_id !== clientId) return refreshRefusals["wrong-client"]({ detail: `${row.family_id} is of ${row.client_id}` });
      if (row.revoked_at !== null) return refreshRefusals.revoked({ detail: `${row.family_id} has ended` });
      const about = inspected(row);
      return { ...about, rotate: (by) => rotate({ token, row, about }, by) };
    });
  }

  async function rotate({ token, row, about }: Found, by: ActedBy): Promise<Refreshed | Refusal> {
    const at = clock.now();
    if (at >= row.ends_at || (row.used_at === null && at >= row.expires_at))
      return refreshRefusals.expired({ detail: `${row.family_id} was not used in time, or is over` });

    const salt = randomBase62(43, random);
    const next = successorOf(token, salt);
    const nextRow = tokenRow(next, row.family_id, row.generation + 1, row.ends_at);
    const used: TokenRow = { ...row, used_at: at, successor: graceMs === 0 ? null : salt };
    if (row.used_at === null) {
      const won = await store.write<RefreshTables, boolean>(async (transaction) => {
        if (!(await use(transaction, used, nextRow))) return false;
        if (nextRow.generation % pruneEvery === 0) await pruneFamily(transaction, row.family_id, at);
        return true;
      });
      if (won) return { refreshToken: next, expiresAt: nextRow.expires_at, ...about };
    }
    let outcome: Outcome | undefined;
    await parts.change(parts.cutoff(row.family_id).changedIds, async (transaction) => {
      outcome = await again(transaction, token, by);
      return "ended" in outcome && outcome.ended;
    });
    return "refusal" in outcome! ? outcome.refusal : outcome!.refreshed;
  }

  return {
    draft,
    async begin(family, by) {
      const drafted = draft(family, by);
      await store.write(drafted.write);
      await drafted.after();
      return drafted.refreshed;
    },

    inspect,
    endIn: (transaction, which) => revokeFamilies(transaction as unknown as Kysely<RefreshTables>, which, clock.now()),

    async rotate(token, clientId, by) {
      const found = await inspect(token, clientId);
      return isRefusal(found) ? found : found.rotate(by);
    },

    stands(familyId) {
      const rows = findEnd(familyId);
      const judge = (list: readonly { readonly revoked_at: number | null }[]) => list[0] !== undefined && list[0].revoked_at === null;
      return isPromise(rows) ? rows.then(judge) : judge(rows);
    },

    async revoke(token, clientId, by) {
      if (inspectToken(token, prefix) !== "sound") return false;
      const [row] = await find(sha256(token));
      if (row === undefined || row.client_id !== clientId) return false;
      return parts.change(parts.cutoff(row.family_id).changedIds, (transaction) => end(transaction, row, "by its holder", by));
    },
  };
}

/** A token with its row as it was when it was found. */
interface Found {
  readonly token: string;
  readonly row: PresentedRow;
  readonly about: Inspected;
}

type Outcome = { readonly refreshed: Refreshed } | { readonly refusal: Refusal; readonly ended: boolean };

function answer(row: Omit<PresentedRow, "used_at" | "successor">, refreshToken: string, expiresAt: number): Refreshed {
  return { refreshToken, expiresAt, ...inspected(row) };
}

function inspected(row: Omit<PresentedRow, "used_at" | "successor">): Inspected {
  return {
    familyId: row.family_id,
    subject: row.subject,
    clientId: row.client_id,
    sessionId: row.session_id ?? undefined,
    data: JSON.parse(row.grant_data) as unknown,
  };
}
