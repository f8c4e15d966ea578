import type { Refusal } from "../../contracts/index.ts";
import { isScopeToken, type JsonObject } from "../../primitives/index.ts";
import { jwtRefusals } from "./refusals.ts";

/** The claims of RFC 7519 and RFC 9068, of the right types. Instants are in milliseconds since the epoch. */
export interface TokenClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
  readonly expiresAt: number;
  readonly issuedAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly id: string | undefined;
  readonly clientId: string | undefined;
  /** Undefined: the token names no scope at all. */
  readonly scopes: readonly string[] | undefined;
  readonly sessionId: string | undefined;
  /** `cnf` (RFC 7800): what the token is bound to. */
  readonly confirmation: Readonly<Record<string, string>> | undefined;
  readonly all: JsonObject;
}

/** A text that may name something: no control characters, well formed, not too long for a log. */
export function isName(value: unknown, most = 512): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= most && value.isWellFormed() && !/\p{Cc}/u.test(value);
}

/** The end of the year 9999. Beyond it somebody wrote milliseconds (RFC 7519 s.2 counts seconds). */
const latest = 253_402_300_799;

/** Checks types, not values. The refusal names the claim for the operator. */
export function readClaims(all: JsonObject, required: readonly string[]): TokenClaims | Refusal {
  // Own members only: `__proto__` in a token is data and must not answer for a claim.
  const own = (name: string): unknown => (Object.hasOwn(all, name) ? all[name] : undefined);
  const bad = (name: string) => jwtRefusals["bad-claims"]({ detail: `${name} is missing or of another type than it should be` });
  for (const name of required) if (own(name) === undefined) return bad(name);

  const [issuer, subject, audiences, scopes] = [own("iss"), own("sub"), audienceOf(own("aud")), scopesOf(own("scope") ?? own("scp"))];
  const [expires, issued, notBefore] = [own("exp"), own("iat"), own("nbf")];
  const [id, clientId, sessionId, confirmation] = [own("jti"), own("client_id"), own("sid"), own("cnf")];
  if (typeof issuer !== "string") return bad("iss");
  if (!isName(subject)) return bad("sub");
  if (audiences === undefined) return bad("aud");
  if (scopes === null) return bad("scope");
  if (!isInstant(expires)) return bad("exp");
  if (issued !== undefined && !isInstant(issued)) return bad("iat");
  if (notBefore !== undefined && !isInstant(notBefore)) return bad("nbf");
  if (id !== undefined && !isName(id)) return bad("jti");
  if (clientId !== undefined && !isName(clientId)) return bad("client_id");
  if (sessionId !== undefined && !isName(sessionId)) return bad("sid");
  if (confirmation !== undefined && !isConfirmation(confirmation)) return bad("cnf");
  return {
    issuer,
    subject,
    audiences,
    expiresAt: expires * 1_000,
    issuedAt: issued === undefined ? undefined : issued * 1_000,
    notBefore: notBefore === undefined ? undefined : notBefore * 1_000,
    id,
    clientId,
    scopes,
    sessionId,
    confirmation,
    all,
  };
}

/** At least one member, all of them texts: what else it may be (a whole key) nobody here checks. */
function isConfirmation(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const members = Object.values(value);
  return members.length > 0 && members.every((member) => isName(member));
}

/** A refusal unless somebody checks everything that the token is bound to: as a bearer token it would be stolen (RFC 8705, RFC 9449). */
export function unproven({ confirmation }: TokenClaims, proofs: readonly string[]): Refusal | undefined {
  const unknown = confirmation === undefined ? undefined : Object.keys(confirmation).find((member) => !proofs.includes(member));
  return unknown === undefined ? undefined : jwtRefusals["proof-missing"]({ detail: `nobody checks cnf.${unknown.slice(0, 40)}` });
}

function isInstant(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= latest;
}

function audienceOf(value: unknown): readonly string[] | undefined {
  const list = typeof value === "string" ? [value] : value;
  return Array.isArray(list) && list.length > 0 && list.length <= 100 && list.every((one) => isName(one, 2_048)) ? list : undefined;
}

/** `scope` of RFC 8693 s.4.2, and `scp` as some providers write it; null: of the wrong form. */
function scopesOf(value: unknown): readonly string[] | undefined | null {
  if (value === undefined) return undefined;
  const list = typeof value === "string" ? value.split(" ").filter((scope) => scope !== "") : value;
  return Array.isArray(list) && list.length <= 1_000 && list.every((one) => typeof one === "string" && isScopeToken(one))
    ? (list as string[])
    : null;
}

interface Expected {
  readonly audiences: readonly string[];
  readonly toleranceMs: number;
}

/**
 * Whether the token is for us, and for now. `exp` is exclusive: on or after it the token has expired (RFC 7519 s.4.1.4).
 * One of our audiences must be among its own, exactly.
 */
export function judgeClaims(claims: TokenClaims, expected: Expected, at: number): Refusal | undefined {
  const { toleranceMs } = expected;
  if (!expected.audiences.some((audience) => claims.audiences.includes(audience)))
    return jwtRefusals["wrong-audience"]({ detail: `it is for ${claims.audiences.join(", ")}, this is ${expected.audiences.join(", ")}` });
  // `iat` grants nothing by itself, and ours is a moment ahead after a revocation: never less than five seconds for it.
  const earliest = Math.max((claims.notBefore ?? 0) - toleranceMs, (claims.issuedAt ?? 0) - Math.max(toleranceMs, 5_000));
  if (at < earliest) return jwtRefusals["not-yet-valid"]({ detail: `valid from ${new Date(earliest).toISOString()}` });
  if (at >= claims.expiresAt + toleranceMs)
    return jwtRefusals.expired({ detail: `expired at ${new Date(claims.expiresAt).toISOString()}` });
  return undefined;
}
