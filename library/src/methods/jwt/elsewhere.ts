import { after, type Clock, type MaybePromise, type Refusal, type Verified } from "../../contracts/index.ts";
import type { JsonObject, JwsAlgorithm } from "../../primitives/index.ts";
import { type TokenClaims, unproven } from "./claims.ts";
import { grantClaim } from "./own.ts";
import { kindOf, principalOf, textsOf, verifiedOf } from "./principal.ts";
import { jwtRefusals } from "./refusals.ts";
import { createRemoteKeys } from "./remote-keys.ts";
import type { TrustedIssuer } from "./verify.ts";

/** What a list says of a token that names it; `untold`: the list has no such index. */
export type TokenStatus = "good" | "revoked" | "untold";

interface ElsewhereParts {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly types: readonly string[];
  readonly algorithms: readonly JwsAlgorithm[];
  readonly toleranceMs: number;
  readonly cacheMs: number;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  /** Members of `cnf` that a policy of the gate proves on each request. */
  readonly proofs: readonly string[];
  /** Where its keys are. */
  readonly keysUrl: () => Promise<string>;
  /** Asks the list that these claims name. Rejects with a Fault when it cannot know. */
  readonly statusOf: (claims: JsonObject, at: number) => MaybePromise<TokenStatus>;
}

/** The client that our own apps are: their tokens are the person itself, so scopes do not apply to them. */
const firstParty = "first-party";

/**
 * The issuer's tokens in an API that has nothing of it but its URL: the same principal as there, from what the token says,
 * as long as the status list does not say otherwise. The issuer's keys verify the list, too (`find`).
 */
export function issuerElsewhere(parts: ElsewhereParts): TrustedIssuer {
  const { issuer, algorithms, clock, onFault } = parts;
  return {
    issuer,
    audiences: parts.audiences,
    types: parts.types,
    toleranceMs: parts.toleranceMs,
    required: [],
    find: createRemoteKeys({ issuer, url: parts.keysUrl, algorithms, clock, onFault }),
    accept(claims, at) {
      const bound = unproven(claims, parts.proofs);
      if (bound !== undefined) return bound;
      return after(parts.statusOf(claims.all, at), (status) => judge(status, claims, at + parts.cacheMs));
    },
  };
}

function judge(status: TokenStatus, claims: TokenClaims, cacheUntil: number): Verified | Refusal {
  if (status === "revoked") return jwtRefusals.revoked({ detail: `the status list says that ${claims.id ?? "it"} was revoked` });
  if (status === "untold") return jwtRefusals["bad-claims"]({ detail: "status names an index that its list does not have" });
  const kind = claims.clientId === claims.subject ? "client" : kindOf(claims);
  const grantId = claims.all[grantClaim];
  const who = principalOf(claims, {
    subject: claims.subject,
    kind,
    credentialId: claims.id ?? `${claims.issuer}|${claims.subject}`,
    scopes: claims.scopes ?? [],
    roles: textsOf(claims.all["roles"]),
  });
  return verifiedOf(who, claims, {
    cacheUntil,
    grantId: typeof grantId === "string" ? grantId : undefined,
    inPerson: claims.scopes === undefined && kind === "user" && claims.clientId === firstParty,
  });
}
