import { type AddressMatcher, principal, type PrincipalKind, type Refusal, type Verified } from "../../contracts/index.ts";
import { isScopeToken, type JsonObject, parseRate } from "../../primitives/index.ts";
import { introspectionRefusals } from "./refusals.ts";

export interface Expected {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly toleranceMs: number;
  /** Members of `cnf` that a policy of the gate proves on each request. */
  readonly proofs: readonly string[];
  /** Compiles an allow-list; throws where it is none. */
  readonly addresses: (list: readonly string[]) => AddressMatcher;
  /** How long an answer may be used. */
  readonly cacheMs: number;
}

/** The end of the year 9999, in seconds. */
const latest = 253_402_300_799;

/**
 * Judges the issuer's answer (RFC 7662 s.2.2): active, for this API where it says for whom, not over. What the answer leaves
 * out is not assumed; of another type than it should be, it is no answer that anybody may be let in by.
 */
export function judgeIntrospection(told: JsonObject, method: string, expected: Expected, at: number): Verified | Refusal {
  const own = (name: string): unknown => (Object.hasOwn(told, name) ? told[name] : undefined);
  if (own("active") !== true) return introspectionRefusals.inactive({ detail: "the issuer says that it is not active" });
  const bad = (name: string) => introspectionRefusals.malformed({ detail: `${name} of the answer is missing or of another type` });
  const [issuer, audience, subject] = [own("iss"), own("aud"), own("sub") ?? own("client_id")];
  if (issuer !== undefined && issuer !== expected.issuer) return introspectionRefusals["wrong-issuer"]({ detail: "iss is another issuer" });
  const audiences = typeof audience === "string" ? [audience] : audience;
  if (audiences !== undefined && !(Array.isArray(audiences) && expected.audiences.some((one) => audiences.includes(one))))
    return introspectionRefusals["wrong-audience"]({ detail: `it is not for ${expected.audiences.join(", ")}` });
  const confirmation = own("cnf");
  if (!isProven(confirmation, own("token_type"), expected.proofs))
    return introspectionRefusals["proof-missing"]({ detail: "it is bound to a key, and nobody here checks its proof" });
  if (!isText(subject)) return bad("sub");
  for (const name of ["exp", "nbf", "iat", "auth_time"]) if (own(name) !== undefined && !isSeconds(own(name))) return bad(name);
  const scopes = scopesOf(own("scope"));
  if (scopes === undefined) return bad("scope");
  const expiresAt = instantOf(own("exp"));
  if (expiresAt !== undefined && at >= expiresAt + expected.toleranceMs)
    return introspectionRefusals.inactive({ detail: "it has expired" });
  if (at < (instantOf(own("nbf")) ?? 0) - expected.toleranceMs) return introspectionRefusals.inactive({ detail: "it is not yet valid" });
  const limits = limitsOf(own("allowed_addresses"), own("rate_limit"), expected.addresses);
  if (limits === undefined) return bad("allowed_addresses or rate_limit");
  return {
    principal: principal({
      subject,
      kind: kindOf(own("sub_kind"), subject === own("client_id")),
      method,
      credentialId: isText(own("jti")) ? (own("jti") as string) : `${expected.issuer}|${subject}`,
      scopes,
      roles: textsOf(own("roles")),
      authenticatedAt: instantOf(own("auth_time") ?? own("iat")) ?? at,
      expiresAt,
      assurance: { acr: isText(own("acr")) ? (own("acr") as string) : undefined, amr: textsOf(own("amr")) },
      confirmation: confirmation as Readonly<Record<string, string>> | undefined,
      claims: told,
    }),
    sessionId: isText(own("sid")) ? (own("sid") as string) : undefined,
    grantId: isText(own("grant_id")) ? (own("grant_id") as string) : undefined,
    cacheUntil: Math.min(at + expected.cacheMs, expiresAt ?? Infinity),
    ...limits,
  };
}

/** Every member of `cnf` is proven here; and what calls itself DPoP has one. */
function isProven(confirmation: unknown, type: unknown, proofs: readonly string[]): boolean {
  if (confirmation === undefined) return !isDpop(type);
  if (typeof confirmation !== "object" || confirmation === null || Array.isArray(confirmation)) return false;
  const members = Object.entries(confirmation);
  return members.length > 0 && members.every(([name, value]) => isText(value) && proofs.includes(name));
}

/** What limits a key wherever it is presented, as a Latchkey tells it; undefined: told, but not in a form that can be kept to. */
function limitsOf(
  addresses: unknown,
  rate: unknown,
  match: Expected["addresses"],
): Pick<Verified, "allowedAddresses" | "rateLimit"> | undefined {
  const rateLimit = isText(rate) ? parseRate(rate) : undefined;
  if ((rate !== undefined && rateLimit === undefined) || (addresses !== undefined && !isText(addresses))) return undefined;
  try {
    return { allowedAddresses: addresses === undefined ? undefined : match(addresses.split(", ")), rateLimit };
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= 512;
const isSeconds = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= latest;
const isDpop = (value: unknown): boolean => typeof value === "string" && value.toLowerCase() === "dpop";
const instantOf = (value: unknown): number | undefined => (typeof value === "number" ? value * 1_000 : undefined);
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) && value.every(isText) ? value : []);

/** Undefined: of the wrong form. */
function scopesOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  const list = typeof value === "string" ? value.split(" ").filter((scope) => scope !== "") : undefined;
  return list?.every(isScopeToken) === true ? list : undefined;
}

function kindOf(kind: unknown, itself: boolean): PrincipalKind {
  if (kind === "client" || kind === "service" || kind === "user") return kind;
  return itself ? "client" : "user";
}
