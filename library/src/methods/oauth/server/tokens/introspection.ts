import { knownAs, type Verified } from "../../../../contracts/index.ts";

/**
 * What is said of a good token (RFC 7662 s.2.2), and what an API in another process needs to make the same principal of it:
 * `sub_kind`, `roles`, `method`, `jti`, and of an API key its limits. Roles are those that it has now. The client of the token
 * is told the subject and session that it knows, which others may know by other names (OpenID Connect Core s.8).
 */
export function introspectionBody(
  { principal, sessionId, grantId, allowedAddresses, rateLimit }: Verified,
  askerId: string,
): Readonly<Record<string, unknown>> {
  const { claims, assurance, confirmation } = principal;
  const token = principal.method === "api-key" ? {} : claims;
  const known =
    token["client_id"] === askerId
      ? { sub: knownAs(principal) }
      : { sub: principal.subject, ...(sessionId === undefined ? {} : { sid: sessionId }) };
  return {
    active: true,
    ...token,
    ...known,
    sub_kind: principal.kind,
    method: principal.method,
    jti: principal.credentialId,
    scope: principal.scopes.join(" "),
    roles: principal.roles,
    token_type: confirmation !== undefined && "jkt" in confirmation ? "DPoP" : "Bearer",
    ...(principal.expiresAt === undefined ? {} : { exp: Math.floor(principal.expiresAt / 1_000) }),
    ...(principal.kind === "client" && token["client_id"] === undefined ? { client_id: principal.subject } : {}),
    ...(assurance.acr === undefined ? {} : { acr: assurance.acr }),
    ...(assurance.amr.length === 0 ? {} : { amr: assurance.amr }),
    ...(confirmation === undefined ? {} : { cnf: confirmation }),
    ...(grantId === undefined ? {} : { grant_id: grantId }),
    ...(allowedAddresses === undefined ? {} : { allowed_addresses: allowedAddresses.text }),
    ...(rateLimit === undefined ? {} : { rate_limit: `${rateLimit.count}/${rateLimit.windowMs}ms` }),
  };
}
