import { createPublicKey, type JsonWebKey } from "node:crypto";
import type { Refusal } from "../contracts/index.ts";
import {
  decodeBase64url,
  type JwsAlgorithm,
  jwkThumbprint,
  parseJsonObject,
  type VerificationKey,
  verificationKey,
  recentlyUsed,
} from "../primitives/index.ts";
import { dpopRefusals } from "./refusals.ts";

/** Signatures that a proof may have: asymmetric ones only (RFC 9449 s.11.6). */
export const dpopAlgorithms = ["ES256", "ES384", "ES512", "EdDSA", "PS256", "RS256"] as const satisfies readonly JwsAlgorithm[];

/** Members that only a private or a secret key has (RFC 7518 s.6, RFC 8037 s.2). */
const secretMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

export interface ProofKey {
  readonly key: VerificationKey;
  /** RFC 7638, what `cnf.jkt` of a token names. */
  readonly thumbprint: string;
}

/**
 * Reads the public key in the header of a proof. A client writes the same header into every proof, so the last ones are
 * remembered: making a key of a JWK costs half as much as the signature.
 */
export function createKeyReader(): (headerPart: string, alg: string) => ProofKey | Refusal {
  const known = recentlyUsed<ProofKey>(1_000);
  return (headerPart, alg) => {
    const remembered = known.get(headerPart);
    if (remembered !== undefined) return remembered;
    const made = keyOf(headerPart, alg);
    if ("key" in made) known.set(headerPart, made);
    return made;
  };
}

function keyOf(headerPart: string, alg: string): ProofKey | Refusal {
  const algorithm = dpopAlgorithms.find((name) => name === (alg === "Ed25519" ? "EdDSA" : alg));
  if (algorithm === undefined)
    return dpopRefusals["wrong-algorithm"]({ detail: "alg is not allowed", hint: `alg must be one of ${dpopAlgorithms.join(", ")}.` });
  const header = parseJsonObject(decodeBase64url(headerPart) ?? new Uint8Array());
  const jwk: unknown = header !== undefined && Object.hasOwn(header, "jwk") ? header["jwk"] : undefined;
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) return badKey("the header has no jwk");
  if (secretMembers.some((name) => Object.hasOwn(jwk, name)))
    return badKey("jwk holds more than a public key: that key is spoilt, make another");
  const { kty, crv, x, y, n, e } = jwk as Readonly<Record<string, unknown>>;
  try {
    const key = createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: "jwk" });
    return { key: verificationKey(algorithm, key), thumbprint: jwkThumbprint(key) };
  } catch {
    return badKey(`jwk is not a public key for ${algorithm}`);
  }
}

function badKey(problem: string): Refusal {
  return dpopRefusals["bad-key"]({ detail: problem, hint: `${problem}.` });
}
