import { knownAs, type Verified } from "../../../../contracts/index.ts";
import type { JsonObject } from "../../../../primitives/index.ts";

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
  const told: JsonObject = principal.method === "api-key" ? {} : claims;
  const isHolder = told["client_id"] === askerId;
  // What is undefined is not written, and gives way to what the token says of itself.
  const body: Record<string, unknown> = {
    active: true,
    sub: isHolder ? knownAs(principal) : principal.subject,
    sid: isHolder ? undefined : sessionId,
    sub_kind: principal.kind,
    method: principal.method,
    jti: principal.credentialId,
    scope: principal.scopes.join(" "),
    roles: principal.roles,
    token_type: confirmation !== undefined && "jkt" in confirmation ? "DPoP" : "Bearer",
    exp: principal.expiresAt === undefined ? undefined : Math.floor(principal.expiresAt / 1_000),
    client_id: told["client_id"] ?? (principal.kind === "client" ? principal.subject : undefined),
    acr: assurance.acr,
    amr: assurance.amr.length === 0 ? undefined : assurance.amr,
    cnf: confirmation,
    grant_id: grantId,
    allowed_addresses: allowedAddresses?.text,
    rate_limit: rateLimit === undefined ? undefined : `${rateLimit.count}/${rateLimit.windowMs}ms`,
  };
  for (const name of Object.keys(told)) body[name] ??= told[name];
  return body;
}
