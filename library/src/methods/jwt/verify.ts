import { after, isRefusal, type MaybePromise, type Refusal, type Verified } from "../../contracts/index.ts";
import {
  createJwsHeaders,
  type JsonObject,
  type JwsHeader,
  type JwsHeaders,
  longestJws,
  parseJsonObject,
  readJws,
  type UnverifiedJws,
  type VerificationKey,
  verifyJws,
} from "../../primitives/index.ts";
import { judgeClaims, readClaims, type TokenClaims } from "./claims.ts";
import { jwtRefusals } from "./refusals.ts";

/** Somebody whose tokens are accepted, and by which rules. */
export interface TrustedIssuer {
  /** `iss`, exactly. */
  readonly issuer: string;
  /** At least one: a verifier without an audience would take tokens meant for others (RFC 8725 s.3.9). */
  readonly audiences: readonly string[];
  /** Lower case, without `application/`: `at+jwt`. "" accepts tokens without a type. */
  readonly types: readonly string[];
  readonly toleranceMs: number;
  /** Claims that must be there, beside `iss`, `sub`, `aud` and `exp`. */
  readonly required: readonly string[];
  /** The key that the header names, from what is configured; never from the token. Rejects with a Fault. */
  readonly find: (header: JwsHeader) => MaybePromise<VerificationKey | undefined>;
  /** What only this issuer knows: revocations, owners, how claims become a principal. */
  readonly accept: (claims: TokenClaims, at: number) => MaybePromise<Verified | Refusal>;
}

/** Whose tokens are accepted, by `iss`; and the headers of theirs that were read before. */
export interface Trust {
  readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  readonly headers: JwsHeaders;
}

export function trustIn(...issuers: readonly TrustedIssuer[]): Trust {
  return { issuers: new Map(issuers.map((trusted) => [trusted.issuer, trusted])), headers: createJwsHeaders() };
}

/** A token whose signature and claims are good; whether it was revoked is not asked yet. */
export interface Genuine {
  readonly claims: TokenClaims;
  readonly header: JwsHeader;
  readonly trusted: TrustedIssuer;
}

/**
 * Judges a token by RFC 8725: form, type, issuer, key and its one algorithm, signature, claims, audience, time; then what the
 * issuer itself knows. Synchronous where the keys are at hand. Rejects with a Fault when it cannot know.
 */
export function verifyJwt(token: string, trust: Trust, at: number): MaybePromise<Verified | Refusal> {
  return after(proveJwt(token, trust, at), (genuine) => (isRefusal(genuine) ? genuine : genuine.trusted.accept(genuine.claims, at)));
}

/** The same, but for what the issuer knows beyond the token. */
export function proveJwt(token: string, trust: Trust, at: number): MaybePromise<Genuine | Refusal> {
  const jws = readJws(token, longestJws, trust.headers);
  if ("problem" in jws) return jwtRefusals.malformed({ detail: jws.problem });
  const payload = parseJsonObject(jws.payload);
  if (payload === undefined) return jwtRefusals.malformed({ detail: "the payload is not a JSON object, or repeats a name" });
  const trusted = issuerOf(payload, trust.issuers);
  if (trusted === undefined) return jwtRefusals["unknown-issuer"]({ detail: "no configured issuer has this iss" });
  const type = typeOf(jws.header, trusted.types);
  if (!trusted.types.includes(type))
    return jwtRefusals["wrong-type"]({ detail: `typ is ${type === "" ? "missing" : JSON.stringify(type.slice(0, 40))}` });
  return after(trusted.find(jws.header), (key) => judge(jws, payload, trusted, key, trust.headers, at));
}

function judge(
  jws: UnverifiedJws,
  payload: JsonObject,
  trusted: TrustedIssuer,
  key: VerificationKey | undefined,
  headers: JwsHeaders,
  at: number,
): Genuine | Refusal {
  if (key === undefined) return jwtRefusals["unknown-key"]({ detail: "no key of the issuer has this kid and algorithm" });
  if (!verifyJws(jws, key)) return badSignature(jws.header, key);
  headers.keep(jws);
  const claims = readClaims(payload, trusted.required);
  if (isRefusal(claims)) return claims;
  return judgeClaims(claims, trusted, at) ?? { claims, header: jws.header, trusted };
}

function badSignature({ alg }: JwsHeader, key: VerificationKey): Refusal {
  return alg === key.algorithm || alg === "Ed25519"
    ? jwtRefusals["bad-signature"]({ detail: `key ${key.keyId ?? "(without id)"} did not make this signature` })
    : jwtRefusals["wrong-algorithm"]({ detail: `alg is ${JSON.stringify(alg.slice(0, 40))}, the key is for ${key.algorithm}` });
}

function issuerOf(payload: JsonObject, issuers: ReadonlyMap<string, TrustedIssuer>): TrustedIssuer | undefined {
  const issuer = Object.hasOwn(payload, "iss") ? payload["iss"] : undefined;
  return typeof issuer === "string" ? issuers.get(issuer) : undefined;
}

/** A media type without its common first part, in lower case (RFC 7515 s.4.1.9). Mostly it is written as we do. */
function typeOf({ typ = "" }: JwsHeader, ours: readonly string[]): string {
  return ours.includes(typ) ? typ : typ.toLowerCase().replace(/^application\//, "");
}
