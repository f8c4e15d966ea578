import {
  type AddressMatcher,
  after,
  Fault,
  type Limit,
  type MaybePromise,
  type OwnerState,
  type PrincipalKind,
  type Refusal,
  type Verified,
} from "../../contracts/index.ts";
import type { VerificationKey } from "../../primitives/index.ts";
import { type TokenClaims, unproven } from "./claims.ts";
import { kindOf, principalOf, textsOf, verifiedOf } from "./principal.ts";
import { jwtRefusals } from "./refusals.ts";
import { betweenName, type Revocations } from "./revocations.ts";
import type { TrustedIssuer } from "./verify.ts";

/** What still limits a credential from which a token was made. */
export interface SourceLimits {
  readonly allowedAddresses: AddressMatcher | undefined;
  readonly rateLimit: Limit | undefined;
}

export interface OwnIssuerParts {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly toleranceMs: number;
  readonly cacheMs: number;
  readonly keys: { find(keyId: string): MaybePromise<VerificationKey | undefined> };
  readonly revocations: Revocations;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  /**
   * What is left of the credential that a token was exchanged for, or of the session that it belongs to; undefined: it has
   * ended, and so has the token. An id that nobody knows stands.
   */
  readonly source: (credentialId: string) => MaybePromise<SourceLimits | undefined>;
  /** Members of `cnf` that are proven on each request, by a policy of the gate. */
  readonly proofs: readonly string[];
  /** False once the changes of other nodes have not been heard of for too long: then nobody knows what is revoked. */
  readonly live: (at: number) => boolean;
}

/** What a token of our own says beyond the registered claims. */
export const grantClaim = "grant_id";
/** Ids of the tokens that it was exchanged for, one after the other. */
export const sourcesClaim = "made_from";

/** Our own tokens: RFC 9068, with a type that no other token has, judged with what only we know. */
export function ownIssuer(parts: OwnIssuerParts): TrustedIssuer {
  return {
    issuer: parts.issuer,
    audiences: parts.audiences,
    types: ["at+jwt"],
    toleranceMs: parts.toleranceMs,
    required: ["iat", "jti"],
    find: ({ kid }) => (kid === undefined ? undefined : parts.keys.find(kid)),
    accept(claims, at) {
      const loading = parts.revocations.loading;
      if (loading !== undefined) return loading.then(() => accept(claims, at, parts));
      return accept(claims, at, parts);
    },
  };
}

function accept(claims: TokenClaims, at: number, parts: OwnIssuerParts): MaybePromise<Verified | Refusal> {
  if (!parts.live(at)) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "The feed of changes is silent: what was revoked is not known.");
  const grantId = textOf(claims.all[grantClaim]);
  const pair = claims.clientId === undefined ? undefined : betweenName(claims.subject, claims.clientId);
  const names = [claims.subject, claims.clientId, claims.sessionId, grantId, pair, ...textsOf(claims.all[sourcesClaim])];
  const about = { credentialId: claims.id!, subject: claims.subject };
  const reason = parts.revocations.reasonFor({ id: claims.id!, issuedAt: claims.issuedAt!, names });
  if (reason !== undefined) return jwtRefusals.revoked({ about, detail: reason });
  const bound = unproven(claims, parts.proofs);
  if (bound !== undefined) return bound;
  return after(sourcesOf([claims.sessionId, grantId], parts), (limits) => {
    if (limits === undefined)
      return jwtRefusals["source-ended"]({ about, detail: `the session or credential behind ${claims.id} has ended` });
    const kind = kindOf(claims);
    if (kind !== "user") return verified(claims, kind, textsOf(claims.all["roles"]), limits, grantId, at + parts.cacheMs);
    return after(parts.ownerState(claims.subject), (owner) => judgeOwner(claims, owner, limits, grantId, at + parts.cacheMs));
  });
}

function judgeOwner(
  claims: TokenClaims,
  owner: OwnerState,
  limits: SourceLimits,
  grantId: string | undefined,
  cacheUntil: number,
): Verified | Refusal {
  const about = { credentialId: claims.id!, subject: claims.subject };
  if (owner.state === "unknown") return jwtRefusals["owner-gone"]({ about, detail: `subject ${claims.subject} does not exist` });
  if (owner.state === "disabled") return jwtRefusals["owner-disabled"]({ about, detail: `subject ${claims.subject} is disabled` });
  if (owner.passwordChangedAt !== undefined && claims.issuedAt! <= owner.passwordChangedAt)
    return jwtRefusals.revoked({ about, detail: `the password of ${claims.subject} was changed after the token was issued` });
  // A role that was taken away since is gone at once; one that was given since waits for the next token.
  const roles = textsOf(claims.all["roles"]).filter((role) => owner.roles.includes(role));
  return verified(claims, "user", roles, limits, grantId, cacheUntil);
}

function verified(
  claims: TokenClaims,
  kind: PrincipalKind,
  roles: readonly string[],
  limits: SourceLimits,
  grantId: string | undefined,
  cacheUntil: number,
): Verified {
  const who = principalOf(claims, { subject: claims.subject, kind, credentialId: claims.id!, scopes: claims.scopes ?? [], roles });
  // No scope claim at all: nothing was delegated, the person itself is here.
  const inPerson = claims.scopes === undefined && kind === "user";
  const { allowedAddresses, rateLimit } = limits;
  return verifiedOf(who, claims, {
    grantId,
    sources: textsOf(claims.all[sourcesClaim]),
    cacheUntil,
    inPerson,
    allowedAddresses,
    rateLimit,
  });
}

const noLimits: SourceLimits = { allowedAddresses: undefined, rateLimit: undefined };

function sourcesOf(ids: readonly (string | undefined)[], parts: OwnIssuerParts): MaybePromise<SourceLimits | undefined> {
  const [first, ...rest] = ids.filter((id) => id !== undefined);
  if (first === undefined) return noLimits;
  return after(parts.source(first), (limits) =>
    limits === undefined || rest.length === 0
      ? limits
      : after(sourcesOf(rest, parts), (others) =>
          others === undefined
            ? undefined
            : { allowedAddresses: limits.allowedAddresses ?? others.allowedAddresses, rateLimit: limits.rateLimit ?? others.rateLimit },
        ),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
