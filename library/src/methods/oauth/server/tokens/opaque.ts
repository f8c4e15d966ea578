import type { Kysely } from "kysely";
import {
  type ActedBy,
  after,
  type AuditTrail,
  type Clock,
  Fault,
  type MaybePromise,
  type OwnerState,
  type Refusal,
  type Store,
  type Verified,
} from "../../../../contracts/index.ts";
import { createRandomPool, inspectToken, newId, newToken, type RandomSource, sha256 } from "../../../../primitives/index.ts";
import type { Subjects } from "../subjects/index.ts";
import type { AccessTokenFacts, IssueAccessToken } from "./access-tokens.ts";
import { principalOf, type StoredFacts } from "./opaque-principal.ts";
import { opaqueTokenRefusals } from "./refusals.ts";
import {
  type AccessTokenRow,
  type AccessTokenTables,
  createInsertAccessToken,
  deleteAccessToken,
  findAccessToken,
  markExchanged,
  pruneAccessTokens,
} from "./table.ts";

/** First part of every opaque access token. */
export const opaqueTokenPrefix = "lka";

export interface OpaqueTokenParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly issuer: string;
  readonly environment: string;
  /** Where a token is for when nothing is asked for: this API. */
  readonly audience: string;
  readonly lifeMs: number;
  readonly cacheMs: number;
  readonly subjects: Subjects;
  readonly trail: AuditTrail;
  readonly change: (changedIds: readonly string[], job: (transaction: Kysely<AccessTokenTables>) => Promise<boolean>) => Promise<boolean>;
  /** What was revoked as a whole: a subject, client, session or grant. The same cut-offs as for signed tokens. */
  readonly revocations: {
    reasonFor(token: {
      readonly id: string;
      readonly issuedAt: number;
      readonly names: readonly (string | undefined)[];
    }): string | undefined;
    leastIssuedAt(names: readonly (string | undefined)[]): number;
    readonly loading: Promise<void> | undefined;
    cutoff(name: string): { readonly changedIds: readonly string[]; write<Tables>(transaction: Kysely<Tables>): Promise<void> };
  };
  /** The name of everything that this subject let this client have. */
  readonly between: (subject: string, clientId: string) => string;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  /** Whether the session or grant behind a token stands. */
  readonly stands: (id: string) => MaybePromise<boolean>;
  /** False: nobody knows what was revoked elsewhere. */
  readonly live: (at: number) => boolean;
}

/** Opaque access tokens: references that only we understand (RFC 6749 s.1.4). */
export interface OpaqueTokens {
  readonly issue: IssueAccessToken;
  /** Judges one; `audience` undefined: whichever it is for, as introspection asks. */
  verify(token: string, at: number, audience: string | undefined): MaybePromise<Verified | Refusal>;
  /** Ends one that this client holds. False: there was nothing to end. */
  revoke(token: string, clientId: string, by: ActedBy): Promise<boolean>;
  /** Notes that another token is made from this one, in its transaction. False: it ended meanwhile. */
  exchange<T>(transaction: Kysely<T>, token: string): Promise<boolean>;
}

const pruneEvery = 64;

export function createOpaqueTokens(parts: OpaqueTokenParts): OpaqueTokens {
  const { store } = parts;
  const find = findAccessToken(store);
  const insert = createInsertAccessToken();
  const random = createRandomPool();
  let issued = 0;
  return {
    issue: (facts) =>
      after(namesFor(facts, parts), (names) => {
        const token = newToken({ prefix: opaqueTokenPrefix, environment: parts.environment }, random);
        const row = rowOf(facts, names, token, random, parts);
        issued += 1;
        const prunes = issued % pruneEvery === 0;
        return {
          token,
          id: row.id,
          expiresAt: row.expires_at,
          async write(transaction) {
            await insert(transaction, row);
            if (prunes) await pruneAccessTokens(transaction, row.created_at);
          },
        };
      }),
    verify(token, at, audience) {
      if (inspectToken(token, opaqueTokenPrefix) !== "sound") return opaqueTokenRefusals.damaged({ detail: "wrong form or checksum" });
      const { loading } = parts.revocations;
      const look = () => after(find(sha256(token)), ([row]) => judge(row, at, audience, parts));
      return loading === undefined ? look() : loading.then(look);
    },
    async revoke(token, clientId, by) {
      if (inspectToken(token, opaqueTokenPrefix) !== "sound") return false;
      const digest = sha256(token);
      for (;;) {
        const [row] = await find(digest);
        if (row === undefined || row.client_id !== clientId) return false;
        // Exchanged at this moment: looked at again, so that what was made from it ends as well.
        if (await end(row, by, parts)) return true;
      }
    },
    exchange: (transaction, token) => markExchanged(transaction, sha256(token)),
  };
}

/** Ends a token as it was found. What was made from it has no row that could go with it, and names it. */
function end(row: AccessTokenRow, by: ActedBy, { change, revocations, trail }: OpaqueTokenParts): Promise<boolean> {
  const made = row.exchanged === null ? undefined : revocations.cutoff(row.id);
  return change([row.id, ...(made?.changedIds ?? [])], async (transaction) => {
    if (!(await deleteAccessToken(transaction, row))) return false;
    await made?.write(transaction);
    const told = { action: "token.revoked", outcome: "done", credentialId: row.id, detail: undefined } as const;
    await trail.record(transaction, { ...told, ...by, subject: row.subject });
    return true;
  });
}

/** By which names the client knows whom this is about; nothing where they are the same for everybody. */
function namesFor({ client, kind, subject, sessionId }: AccessTokenFacts, { subjects }: OpaqueTokenParts): MaybePromise<StoredFacts> {
  if (kind !== "user") return {};
  return after(subjects.of(client, subject), (sub) => {
    if (sub === subject) return {};
    return sessionId === undefined ? { sub } : after(subjects.sessionOf(client, sessionId), (sid) => ({ sub, sid }));
  });
}

function rowOf(facts: AccessTokenFacts, known: StoredFacts, token: string, random: RandomSource, parts: OpaqueTokenParts): AccessTokenRow {
  const { client, subject, kind, grantId, sessionId, resources } = facts;
  const names = [subject, client.id, sessionId, grantId, parts.between(subject, client.id)];
  // Past every cut-off, as a signed token would be, also within the second of a revocation.
  const at = Math.max(parts.clock.now(), parts.revocations.leastIssuedAt(names) * 1_000);
  // What is undefined is not written.
  const stored: StoredFacts = {
    sub: known.sub,
    sid: known.sid,
    roles: facts.roles.length === 0 ? undefined : facts.roles,
    acr: facts.acr,
    amr: facts.amr,
    authenticatedAt: facts.authenticatedAt,
    cnf: facts.confirmation,
    act: facts.actor,
    mayAct: facts.mayAct,
    sources: facts.sources,
  };
  return {
    digest: sha256(token),
    id: newId("tok", parts.clock.now(), random),
    client_id: client.id,
    subject,
    kind,
    scope: facts.scopes.join(" "),
    audience: JSON.stringify(resources.length === 0 ? [parts.audience] : resources),
    grant_id: grantId ?? null,
    session_id: sessionId ?? null,
    facts: JSON.stringify(stored),
    created_at: at,
    expires_at: Math.min(at + parts.lifeMs, facts.noLaterThan ?? Infinity),
    exchanged: null,
  };
}

function judge(
  row: AccessTokenRow | undefined,
  at: number,
  audience: string | undefined,
  parts: OpaqueTokenParts,
): MaybePromise<Verified | Refusal> {
  if (row === undefined) return opaqueTokenRefusals.unknown({ detail: "never issued, revoked, or over for long" });
  if (!parts.live(at)) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "The feed of changes is silent: what was revoked is not known.");
  if (at >= row.expires_at)
    return opaqueTokenRefusals.expired({ detail: `${row.id} expired at ${new Date(row.expires_at).toISOString()}` });
  const audiences = JSON.parse(row.audience) as string[];
  if (audience !== undefined && !audiences.includes(audience))
    return opaqueTokenRefusals["wrong-audience"]({ detail: `${row.id} is for ${audiences.join(", ")}` });
  const [sessionId, grantId] = [row.session_id ?? undefined, row.grant_id ?? undefined];
  const { sources = [] } = JSON.parse(row.facts) as StoredFacts;
  const names = [row.subject, row.client_id, sessionId, grantId, parts.between(row.subject, row.client_id), ...sources];
  const reason = parts.revocations.reasonFor({ id: row.id, issuedAt: row.created_at, names });
  if (reason !== undefined) return opaqueTokenRefusals.revoked({ detail: reason });
  return after(allStand([sessionId, grantId], parts), (stand) => {
    if (!stand) return opaqueTokenRefusals["source-ended"]({ detail: `the session or grant behind ${row.id} has ended` });
    if (row.kind !== "user") return verified(row, audiences, undefined, at, parts);
    return after(parts.ownerState(row.subject), (owner) => judgeOwner(row, audiences, owner, at, parts));
  });
}

function judgeOwner(
  row: AccessTokenRow,
  audiences: readonly string[],
  owner: OwnerState,
  at: number,
  parts: OpaqueTokenParts,
): Verified | Refusal {
  if (owner.state === "unknown") return opaqueTokenRefusals["owner-gone"]({ detail: `subject ${row.subject} does not exist` });
  if (owner.state === "disabled") return opaqueTokenRefusals["owner-disabled"]({ detail: `subject ${row.subject} is disabled` });
  if (owner.passwordChangedAt !== undefined && row.created_at <= owner.passwordChangedAt)
    return opaqueTokenRefusals.revoked({ detail: `the password of ${row.subject} was changed after the token was issued` });
  return verified(row, audiences, owner.roles, at, parts);
}

/** `ownRoles`: what the owner still is; undefined: the client acts in its own name, with its own roles. */
function verified(
  row: AccessTokenRow,
  audiences: readonly string[],
  ownRoles: readonly string[] | undefined,
  at: number,
  parts: OpaqueTokenParts,
): Verified {
  const facts = JSON.parse(row.facts) as StoredFacts;
  const { roles = [] } = facts;
  return {
    principal: principalOf(
      row,
      audiences,
      facts,
      ownRoles === undefined ? roles : roles.filter((role) => ownRoles.includes(role)),
      parts.issuer,
    ),
    sessionId: row.session_id ?? undefined,
    grantId: row.grant_id ?? undefined,
    sources: facts.sources ?? [],
    cacheUntil: Math.min(at + parts.cacheMs, row.expires_at),
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
}

function allStand(ids: readonly (string | undefined)[], parts: OpaqueTokenParts): MaybePromise<boolean> {
  const [first, ...rest] = ids.filter((id) => id !== undefined);
  if (first === undefined) return true;
  return after(parts.stands(first), (stands) => stands && allStand(rest, parts));
}
