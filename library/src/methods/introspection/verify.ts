import { principal, type PrincipalKind, type Refusal, type Verified } from "../../contracts/index.ts";
import { isScopeToken, type JsonObject } from "../../primitives/index.ts";
import { introspectionRefusals } from "./refusals.ts";

export interface Expected {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly toleranceMs: number;
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
  if (own("cnf") !== undefined || isDpop(own("token_type")))
    return introspectionRefusals["proof-missing"]({ detail: "it is bound to a key" });
  if (!isText(subject)) return bad("sub");
  for (const name of ["exp", "nbf", "iat", "auth_time"]) if (own(name) !== undefined && !isSeconds(own(name))) return bad(name);
  const scopes = scopesOf(own("scope"));
  if (scopes === undefined) return bad("scope");
  const expiresAt = instantOf(own("exp"));
  if (expiresAt !== undefined && at >= expiresAt + expected.toleranceMs)
    return introspectionRefusals.inactive({ detail: "it has expired" });
  if (at < (instantOf(own("nbf")) ?? 0) - expected.toleranceMs) return introspectionRefusals.inactive({ detail: "it is not yet valid" });
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
      claims: told,
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: Math.min(at + expected.cacheMs, expiresAt ?? Infinity),
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
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
