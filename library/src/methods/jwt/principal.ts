import { type Principal, principal, type PrincipalKind, type Verified } from "../../contracts/index.ts";
import type { TokenClaims } from "./claims.ts";

interface Facts {
  readonly subject: string;
  readonly kind: PrincipalKind;
  readonly credentialId: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

/** The principal of a token, with all its claims as data; from now on nobody can change them. */
export function principalOf(claims: TokenClaims, facts: Facts): Principal {
  const { all } = claims;
  const authTime = all["auth_time"];
  // Member by member, here and below: to spread an object of ever other shape costs more than all the checks of its claims.
  return principal({
    subject: facts.subject,
    kind: facts.kind,
    method: "jwt",
    credentialId: facts.credentialId,
    scopes: facts.scopes,
    roles: facts.roles,
    authenticatedAt: typeof authTime === "number" && Number.isFinite(authTime) ? authTime * 1_000 : (claims.issuedAt ?? 0),
    expiresAt: claims.expiresAt,
    assurance: { acr: typeof all["acr"] === "string" ? all["acr"] : undefined, amr: textsOf(all["amr"]) },
    confirmation: claims.confirmation,
    claims: Object.freeze(all),
  });
}

/** What our tokens say of their subject (`sub_kind`); without it they are about a user. */
export function kindOf(claims: TokenClaims): PrincipalKind {
  const kind = claims.all["sub_kind"];
  return kind === "client" || kind === "service" ? kind : "user";
}

export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : [];
}

/** An answer that may be reused until the token ends. */
export function verifiedOf(who: Principal, claims: TokenClaims, facts: Partial<Verified> & { readonly cacheUntil: number }): Verified {
  return {
    principal: who,
    sessionId: claims.sessionId,
    grantId: facts.grantId,
    sources: facts.sources ?? [],
    cacheUntil: Math.min(facts.cacheUntil, claims.expiresAt),
    allowedAddresses: facts.allowedAddresses,
    rateLimit: facts.rateLimit,
    inPerson: facts.inPerson === true,
  };
}
