import type { Kysely } from "kysely";
import { isPromise, type Clock, type MaybePromise, type Store } from "../../../../contracts/index.ts";
import { createRandomPool, inspectToken, newId, newToken, sha256 } from "../../../../primitives/index.ts";
import type { Granted } from "./granted.ts";
import { type CodeRow, compiledWrites, preparedReads, pruneAuthorizations } from "./table.ts";

/** First part of every code. */
const codePrefix = "lkg";
/** RFC 6749 s.4.1.2 allows ten minutes; a client that redirects needs seconds. */
export const codeLifeMs = 60_000;
const pruneEvery = 64;

/** A code that was presented, found by its digest; not yet believed. */
export interface FoundCode {
  readonly digest: string;
  readonly grantId: string;
  readonly clientId: string;
  readonly granted: Granted;
  readonly expiresAt: number;
  readonly redeemed: boolean;
}

interface CodeParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly environment: string;
  /** Longest life of an access token: as long a used code is remembered, so that its second use revokes what it brought. */
  readonly longestMs: number;
}

/** Authorization codes: random, hashed, good for a minute and once. */
export interface Codes {
  /** A new code, and what makes it durable. */
  draft(clientId: string, granted: Granted): { readonly code: string; write<T>(transaction: Kysely<T>): Promise<void> };
  find(code: string): MaybePromise<FoundCode | undefined>;
  /** In a transaction: true for the one that redeems it. Also notes the grant that comes of it, which ends then. */
  redeem<T>(transaction: Kysely<T>, found: FoundCode, endsAt: number): Promise<boolean>;
}

export function createCodes({ store, clock, environment, longestMs }: CodeParts): Codes {
  const reads = preparedReads(store);
  const writes = compiledWrites();
  const random = createRandomPool();
  let drafted = 0;
  return {
    draft(clientId, granted) {
      const at = clock.now();
      const code = newToken({ prefix: codePrefix, environment }, random);
      const row: CodeRow = {
        digest: sha256(code),
        grant_id: newId("grt", at, random),
        client_id: clientId,
        granted: JSON.stringify(granted),
        expires_at: at + codeLifeMs,
        redeemed_at: null,
      };
      drafted += 1;
      const prunes = drafted % pruneEvery === 0;
      return {
        code,
        async write(transaction) {
          await writes.insertCode(transaction, row);
          if (prunes) await pruneAuthorizations(transaction, at - longestMs, at);
        },
      };
    },
    find(code) {
      if (inspectToken(code, codePrefix) !== "sound") return undefined;
      const rows = reads.code(sha256(code));
      return isPromise(rows) ? rows.then(([row]) => foundCode(row)) : foundCode(rows[0]);
    },
    async redeem(transaction, { digest, grantId, clientId, granted }, endsAt) {
      const at = clock.now();
      if (!(await writes.redeem(transaction, digest, at))) return false;
      const row = { id: grantId, client_id: clientId, subject: granted.subject, created_at: at, ends_at: endsAt, revoked_at: null };
      await writes.insertGrant(transaction, row);
      return true;
    },
  };
}

function foundCode(row: CodeRow | undefined): FoundCode | undefined {
  if (row === undefined) return undefined;
  return {
    digest: row.digest,
    grantId: row.grant_id,
    clientId: row.client_id,
    granted: JSON.parse(row.granted) as Granted,
    expiresAt: row.expires_at,
    redeemed: row.redeemed_at !== null,
  };
}
