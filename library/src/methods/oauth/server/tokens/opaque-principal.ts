import { type Principal, principal } from "../../../../contracts/index.ts";
import type { JsonObject } from "../../../../primitives/index.ts";
import type { AccessTokenRow } from "./table.ts";

/** What is kept of a token in one column, as JSON. */
export interface StoredFacts {
  /** By which names its client knows subject and session, where they are others. */
  readonly sub?: string;
  readonly sid?: string;
  readonly roles?: readonly string[];
  readonly acr?: string;
  readonly amr?: readonly string[];
  readonly authenticatedAt?: number;
  readonly cnf?: Readonly<Record<string, string>>;
  readonly act?: JsonObject;
  readonly mayAct?: JsonObject;
  readonly sources?: readonly string[];
}

/** The principal of an opaque token, with claims of the same names as in a signed one: whoever reads them need not know which it was. */
export function principalOf(
  row: AccessTokenRow,
  audiences: readonly string[],
  facts: StoredFacts,
  roles: readonly string[],
  issuer: string,
): Principal {
  const scopes = row.scope === "" ? [] : row.scope.split(" ");
  return principal({
    subject: row.subject,
    kind: row.kind as Principal["kind"],
    method: "opaque-token",
    credentialId: row.id,
    scopes,
    roles,
    authenticatedAt: facts.authenticatedAt ?? row.created_at,
    expiresAt: row.expires_at,
    assurance: { acr: facts.acr, amr: facts.amr ?? [] },
    confirmation: facts.cnf,
    claims: Object.freeze(claimsOf(row, audiences, facts, roles, issuer)),
  });
}

function claimsOf(
  row: AccessTokenRow,
  audiences: readonly string[],
  facts: StoredFacts,
  roles: readonly string[],
  issuer: string,
): JsonObject {
  const claims: Record<string, unknown> = {
    iss: issuer,
    sub: facts.sub ?? row.subject,
    aud: audiences.length === 1 ? audiences[0]! : audiences,
    client_id: row.client_id,
    scope: row.scope,
    iat: Math.floor(row.created_at / 1_000),
    exp: Math.floor(row.expires_at / 1_000),
    jti: row.id,
  };
  if (row.kind !== "user") claims["sub_kind"] = row.kind;
  if (row.session_id !== null) claims["sid"] = facts.sid ?? row.session_id;
  if (row.grant_id !== null) claims["grant_id"] = row.grant_id;
  if (roles.length > 0) claims["roles"] = roles;
  if (facts.authenticatedAt !== undefined) claims["auth_time"] = Math.floor(facts.authenticatedAt / 1_000);
  if (facts.acr !== undefined) claims["acr"] = facts.acr;
  if (facts.amr !== undefined) claims["amr"] = facts.amr;
  if (facts.cnf !== undefined) claims["cnf"] = facts.cnf;
  if (facts.act !== undefined) claims["act"] = facts.act;
  if (facts.mayAct !== undefined) claims["may_act"] = facts.mayAct;
  if (facts.sources !== undefined) claims["made_from"] = facts.sources;
  return claims;
}
