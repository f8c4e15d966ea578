import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from "node:crypto";
import {
  isJwsAlgorithm,
  type JsonObject,
  type JwsAlgorithm,
  type JwsHeader,
  type VerificationKey,
  verificationKey,
} from "../../primitives/index.ts";

/** Most keys of one set that are looked at. */
const mostKeys = 100;

/**
 * The keys of a JWK set (RFC 7517 s.5) that may verify signatures, each bound to one algorithm that is allowed. What cannot
 * be used (encryption keys, unknown types, keys that are too weak) is left out, as the RFC says. Undefined: no JWK set.
 */
export function keysOfSet(set: JsonObject, allowed: readonly JwsAlgorithm[]): readonly VerificationKey[] | undefined {
  const keys = Object.hasOwn(set, "keys") ? set["keys"] : undefined;
  if (!Array.isArray(keys)) return undefined;
  return keys.slice(0, mostKeys).flatMap((jwk: unknown) => keyOf(jwk, allowed) ?? []);
}

function keyOf(jwk: unknown, allowed: readonly JwsAlgorithm[]): VerificationKey | undefined {
  if (typeof jwk !== "object" || jwk === null) return undefined;
  const { kty, crv, x, y, n, e, k, kid, use, alg, key_ops } = jwk as Readonly<Record<string, unknown>>;
  if (use !== undefined && use !== "sig") return undefined;
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes("verify"))) return undefined;
  const algorithm = algorithmOf(alg, kty, crv, allowed);
  if (algorithm === undefined) return undefined;
  try {
    // Public members only: what else a set gives away is none of our business. A secret one is taken for HMAC alone.
    const key =
      kty === "oct"
        ? createSecretKey(Buffer.from(typeof k === "string" ? k : "", "base64url"))
        : createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: "jwk" });
    return verificationKey(algorithm, key, typeof kid === "string" ? kid : undefined);
  } catch {
    return undefined;
  }
}

/** The algorithm of a key: what the key says, else the first allowed one of its type. Never what a token says. */
function algorithmOf(alg: unknown, kty: unknown, crv: unknown, allowed: readonly JwsAlgorithm[]): JwsAlgorithm | undefined {
  if (alg !== undefined) {
    const named = alg === "Ed25519" ? "EdDSA" : alg;
    return isJwsAlgorithm(named) && allowed.includes(named) ? named : undefined;
  }
  const ofCurve: Readonly<Record<string, JwsAlgorithm>> = { "P-256": "ES256", "P-384": "ES384", "P-521": "ES512", Ed25519: "EdDSA" };
  if (kty === "RSA") return allowed.find((name) => name.startsWith("RS") || name.startsWith("PS"));
  const named = typeof crv === "string" && Object.hasOwn(ofCurve, crv) ? ofCurve[crv] : undefined;
  return named !== undefined && allowed.includes(named) ? named : undefined;
}

/** The algorithm that a single key is for, by its type, among those allowed. */
export function algorithmOfKey(key: KeyObject, allowed: readonly JwsAlgorithm[]): JwsAlgorithm | undefined {
  return allowed.find((algorithm) => {
    try {
      verificationKey(algorithm, key);
      return true;
    } catch {
      return false;
    }
  });
}

/** The key that a header names. Without a `kid` the algorithm must leave only one. */
export function chooseKey(keys: readonly VerificationKey[], { kid, alg }: JwsHeader): VerificationKey | undefined {
  if (kid !== undefined) {
    const named = keys.filter((key) => key.keyId === kid);
    return named.find((key) => key.algorithm === alg) ?? named[0];
  }
  const fitting = keys.filter((key) => key.algorithm === (alg === "Ed25519" ? "EdDSA" : alg));
  return fitting.length === 1 ? fitting[0] : undefined;
}
