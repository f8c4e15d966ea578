import type { Kysely } from "kysely";
import type { ActedBy, AuditTrail, Clock, Store } from "../../contracts/index.ts";
import { createRandomPool, randomBase62 } from "../../primitives/index.ts";
import { allCutoffs, type CutoffRow, type JwtTables, putCutoff } from "./table.ts";

/** One bit for each token, kept and published elsewhere. */
export interface TokenBits {
  isRevoked(position: number): boolean;
  revoke<Tables>(transaction: Kysely<Tables>, position: number, expiresAt: number): Promise<boolean>;
  apply(position: number): void;
  load(): Promise<void>;
}

export interface RevocationParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly bits: TokenBits;
  readonly trail: AuditTrail;
  /** Longest life of a token, clock tolerance included: after it a cut-off covers nothing. */
  readonly longestMs: number;
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<JwtTables>) => Promise<boolean>) => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
  /** Ends the refresh tokens in this name, kept elsewhere: or the next access token would come at once. */
  readonly endRefresh: <Tables>(transaction: Kysely<Tables>, of: TokenHolder, name: string, at: number) => Promise<void>;
}

/** What a name names. */
export type TokenHolder = "subject" | "client" | "session" | "grant";

/** Which tokens issued here are no longer good. In memory, durable, and the same on every node. */
export interface Revocations {
  /** What made this token void; undefined: nothing. */
  reasonFor(token: { readonly id: string; readonly issuedAt: number; readonly names: readonly (string | undefined)[] }): string | undefined;
  /** The second after which a token of these names is covered by no cut-off: the least `iat` of a new one. */
  leastIssuedAt(names: readonly (string | undefined)[]): number;
  /** One token, by its `jti`. False when it was revoked already, or is of a form that no token here has. */
  revokeToken(id: string, expiresAt: number, by: ActedBy): Promise<boolean>;
  /** Everything issued so far in this name, and whatever would bring new tokens of it. */
  revokeAll(name: string, by: ActedBy, of: TokenHolder): Promise<void>;
  /** What the feed has to be told, and the write, for a room that revokes in a transaction of its own. */
  cutoff(name: string): { readonly changedIds: string[]; write<Tables>(transaction: Kysely<Tables>): Promise<void> };
  /** For each change of the feed; undefined: some may have been missed. */
  changed(changedId: string | undefined): void;
  load(): Promise<void>;
  /** Set while what is revoked is being read again: wait for it before judging. */
  readonly loading: Promise<void> | undefined;
}

const random = createRandomPool();

/** A `jti`: the position of its bit, and something random, so that no two tokens ever share one. */
export function newTokenId(position: number): string {
  return `jwt_${position.toString(36)}_${randomBase62(10, random)}`;
}

/** The name of everything that a subject let a client have. No id has a space in it. */
export function betweenName(subject: string, clientId: string): string {
  return `${clientId} ${subject}`;
}

/** The position in a `jti` of ours; undefined for any other text. */
export function positionOf(id: string): number | undefined {
  if (!id.startsWith("jwt_")) return undefined;
  const match = /^jwt_([0-9a-z]{1,10})_[0-9A-Za-z]{10}$/.exec(id);
  return match === null ? undefined : Number.parseInt(match[1]!, 36);
}

const told = { action: "token.revoked", outcome: "done", subject: undefined, credentialId: undefined, detail: undefined } as const;

/** A change of the feed that carries a cut-off, so that a node that reads it knows all at once. */
const cutoffForm = /^cutoff:(\d{1,15}):(\d{1,15}):(.+)$/s;

export function createRevocations({ store, clock, bits, trail, longestMs, change, onFault, endRefresh }: RevocationParts): Revocations {
  const cutoffs = new Map<string, CutoffRow>();
  let loading: Promise<void> | undefined;
  /** Changes may have been missed, and reading everything again has not succeeded yet. */
  let stale = false;
  let sweptAt = clock.now();

  function apply(row: CutoffRow): void {
    const known = cutoffs.get(row.id);
    if (known === undefined || known.issued_until < row.issued_until) cutoffs.set(row.id, row);
    const at = clock.now();
    if (at - sweptAt < 60_000) return;
    sweptAt = at;
    for (const [id, { expires_at }] of cutoffs) if (expires_at < at) cutoffs.delete(id);
  }

  function load(): Promise<void> {
    stale = true;
    const reading = Promise.all([bits.load(), allCutoffs(store, clock.now())])
      .then(([, rows]) => {
        rows.forEach(apply);
        stale = false;
      })
      .finally(() => {
        if (loading === reading) loading = undefined;
      });
    loading = reading;
    return reading;
  }

  function cutoff(name: string) {
    const at = clock.now();
    // `iat` may be one second ahead, after an earlier cut-off or a new password of the same second: that is covered too.
    const before = cutoffs.get(name)?.issued_until ?? 0;
    const row: CutoffRow = { id: name, issued_until: Math.max(at, before > at ? before : 0) + 1_000, expires_at: at + longestMs };
    return {
      changedIds: [name, `cutoff:${row.issued_until}:${row.expires_at}:${name}`],
      write: <Tables>(transaction: Kysely<Tables>) => putCutoff(transaction as unknown as Kysely<JwtTables>, row, at),
    };
  }

  return {
    reasonFor({ id, issuedAt, names }) {
      const position = positionOf(id);
      if (position !== undefined && bits.isRevoked(position)) return `${id} was revoked`;
      // A token that was made from another one goes with it.
      for (const name of names) {
        const source = name === undefined ? undefined : positionOf(name);
        if (source !== undefined && bits.isRevoked(source)) return `${name}, from which it was made, was revoked`;
      }
      if (cutoffs.size === 0) return undefined;
      // A whole second: `iat` has no more. A new token of the same second gets the next one (`leastIssuedAt`).
      for (const name of names) {
        const until = name === undefined ? undefined : cutoffs.get(name)?.issued_until;
        if (until !== undefined && issuedAt <= until)
          return `everything issued for ${name} until ${new Date(until).toISOString()} was revoked`;
      }
      return undefined;
    },
    leastIssuedAt(names) {
      const latest = Math.max(-1, ...names.map((name) => (name === undefined ? -1 : (cutoffs.get(name)?.issued_until ?? -1))));
      return Math.floor(latest / 1_000) + 1;
    },
    async revokeToken(id, expiresAt, by) {
      const position = positionOf(id);
      if (position === undefined) return false;
      return change([id], async (transaction) => {
        if (!(await bits.revoke(transaction, position, expiresAt))) return false;
        await trail.record(transaction, { ...told, ...by, credentialId: id });
        return true;
      });
    },
    async revokeAll(name, by, of) {
      const { changedIds, write } = cutoff(name);
      // What was verified does not name its client: everything is judged again.
      if (of === "client") changedIds.push("*");
      await change(changedIds, async (transaction) => {
        await write(transaction);
        await endRefresh(transaction, of, name, clock.now());
        await trail.record(transaction, { ...told, ...by, subject: name, detail: "everything issued so far" });
        return true;
      });
    },
    cutoff,
    changed(changedId) {
      if (changedId === undefined) return void load().catch(onFault);
      const position = positionOf(changedId);
      if (position !== undefined) return bits.apply(position);
      const match = changedId.startsWith("cutoff:") ? cutoffForm.exec(changedId) : null;
      if (match !== null) apply({ id: match[3]!, issued_until: Number(match[1]), expires_at: Number(match[2]) });
    },
    load,
    get loading() {
      return loading ?? (stale ? load() : undefined);
    },
  };
}
