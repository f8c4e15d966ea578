import {
  type AddressMatcher,
  type Attempt,
  type Credential,
  isPromise,
  type MaybePromise,
  type OwnerState,
  principal,
  type Refusal,
  type Verified,
} from "../../contracts/index.ts";
import { impossibleKey, type KeyForms } from "./read.ts";
import { limitOf } from "./record.ts";
import { apiKeyRefusals } from "./refusals.ts";
import type { PresentedRow } from "./table.ts";

export interface VerifyParts {
  readonly forms: KeyForms;
  readonly find: (digest: string) => MaybePromise<readonly PresentedRow[]>;
  readonly ownerState: (ownerId: string) => MaybePromise<OwnerState>;
  readonly addresses: (list: readonly string[]) => AddressMatcher;
  /** Longest time a positive answer is remembered. */
  readonly cacheMs: number;
}

/**
 * Judges a key: impossible ones without the store, then by the SHA-256 of the secret. The look-up by a digest of 256
 * random bits tells an attacker nothing by its time, so it needs no comparison of its own.
 */
export function verifyApiKey(credential: Credential, attempt: Attempt, parts: VerifyParts): MaybePromise<Verified | Refusal> {
  const impossible = impossibleKey(credential.secret.reveal(), parts.forms);
  if (impossible !== undefined) return apiKeyRefusals.damaged({ detail: impossible });
  const rows = parts.find(attempt.digest);
  return isPromise(rows) ? rows.then((list) => judgeRow(list[0], attempt, parts)) : judgeRow(rows[0], attempt, parts);
}

function judgeRow(row: PresentedRow | undefined, attempt: Attempt, parts: VerifyParts): MaybePromise<Verified | Refusal> {
  const { at } = attempt;
  if (row === undefined) return apiKeyRefusals.unknown();
  const about = { credentialId: row.id, subject: row.owner_id };
  if (row.revoked_at !== null) return apiKeyRefusals.revoked({ about, detail: `${row.id} was revoked` });
  if (row.ends_at !== null && at >= row.ends_at)
    return apiKeyRefusals.replaced({ about, detail: `${row.id} was rotated and the overlap is over` });
  if (row.expires_at !== null && at >= row.expires_at)
    return apiKeyRefusals.expired({ about, detail: `${row.id} expired at ${new Date(row.expires_at).toISOString()}` });
  if (row.owner_kind === "service") return verified(row, [], at, parts);
  const owner = parts.ownerState(row.owner_id);
  return isPromise(owner) ? owner.then((state) => judgeOwner(row, state, at, parts)) : judgeOwner(row, owner, at, parts);
}

function judgeOwner(row: PresentedRow, owner: OwnerState, at: number, parts: VerifyParts): Verified | Refusal {
  const about = { credentialId: row.id, subject: row.owner_id };
  if (owner.state === "unknown")
    return apiKeyRefusals["owner-gone"]({ about, detail: `owner ${row.owner_id} of ${row.id} does not exist` });
  if (owner.state === "disabled")
    return apiKeyRefusals["owner-disabled"]({ about, detail: `owner ${row.owner_id} of ${row.id} is disabled` });
  return verified(row, owner.roles, at, parts);
}

function verified(row: PresentedRow, ownerRoles: readonly string[], at: number, parts: VerifyParts): Verified {
  const ends = Math.min(row.expires_at ?? Infinity, row.ends_at ?? Infinity);
  return {
    principal: principal({
      subject: row.owner_id,
      kind: row.owner_kind,
      method: "api-key",
      credentialId: row.id,
      scopes: JSON.parse(row.scopes) as string[],
      // A key of a user does not inherit the user's roles: it may what it was given, while the user still may it.
      roles: keyRoles(JSON.parse(row.roles) as string[], row.owner_kind, ownerRoles),
      authenticatedAt: at,
      expiresAt: row.expires_at ?? undefined,
      claims: { name: row.name },
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: Math.min(at + parts.cacheMs, ends),
    allowedAddresses: row.allowed_addresses === null ? undefined : parts.addresses(JSON.parse(row.allowed_addresses) as string[]),
    rateLimit: limitOf(row),
  };
}

function keyRoles(own: readonly string[], kind: PresentedRow["owner_kind"], ownerRoles: readonly string[]): readonly string[] {
  return kind === "user" ? own.filter((role) => ownerRoles.includes(role)) : own;
}
