import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { OptionFault } from "../../../contracts/index.ts";
import {
  isJwsAlgorithm,
  type JsonObject,
  type JwsAlgorithm,
  jwsAlgorithms,
  parseJsonObject,
  type SigningKey,
  signingKey,
  type VerificationKey,
  verificationKey,
} from "../../../primitives/index.ts";
import { algorithmOfKey, keysOfSet } from "../jwk-set.ts";

/**
 * The keys in the text of a file that may verify: a JWK set, one JWK, a PEM (public, private or certificate), or with an
 * HMAC algorithm the secret itself. Throws an OptionFault that does not show the text.
 */
export function readKeys(text: string, algorithm?: string): readonly VerificationKey[] {
  const named = algorithmNamed(algorithm);
  const allowed = named === undefined ? jwsAlgorithms : [named];
  const json = objectIn(text);
  if (json !== undefined) {
    const keys = keysOfSet(Object.hasOwn(json, "keys") ? json : { keys: [publicPart(json)] }, allowed) ?? [];
    if (keys.length > 0) return keys;
    throw unusable(`a JWK or JWK set with a key for ${allowed.join(", ")}`);
  }
  if (text.includes("-----BEGIN")) {
    const key = inPem(text, createPublicKey);
    const fitting = algorithmOfKey(key, allowed);
    if (fitting === undefined) throw unusable(`a key for ${allowed.join(", ")}`);
    // An RSA key verifies by more than one algorithm; which one is the token's to say only among these.
    return allowed.flatMap((one) => (fits(one, key) ? [verificationKey(one, key)] : []));
  }
  if (named === undefined) throw unusable("a JWK set, a JWK or a PEM; or with --algorithm HS256 a secret");
  return [bound(() => verificationKey(named, createSecretKey(Buffer.from(text.replace(/\r?\n$/, "")))))];
}

/** The key in the text of a file that may sign: a private JWK, a private PEM, or with an HMAC algorithm the secret itself. */
export function readSigningKey(text: string, algorithm?: string): SigningKey {
  const json = objectIn(text);
  const named = algorithmNamed(algorithm ?? (typeof json?.["alg"] === "string" ? json["alg"] : undefined));
  const keyId = typeof json?.["kid"] === "string" ? json["kid"] : undefined;
  if (json?.["kty"] === "oct" || (json === undefined && !text.includes("-----BEGIN"))) {
    if (named === undefined) throw unusable("a private JWK or PEM; or with --algorithm HS256 a secret");
    const secret = json === undefined ? Buffer.from(text.replace(/\r?\n$/, "")) : Buffer.from(String(json["k"]), "base64url");
    return bound(() => signingKey(named, createSecretKey(secret), keyId));
  }
  const key = json === undefined ? inPem(text, createPrivateKey) : inJwk(json);
  const fitting = named ?? algorithmOfKey(createPublicKey(key), jwsAlgorithms);
  if (fitting === undefined) throw unusable(`a private key for ${jwsAlgorithms.join(", ")}`);
  return bound(() => signingKey(fitting, key, keyId));
}

function algorithmNamed(name: string | undefined): JwsAlgorithm | undefined {
  if (name === undefined || isJwsAlgorithm(name)) return name;
  throw new OptionFault("algorithm", { got: name, allowed: jwsAlgorithms.join(", "), example: "ES256" });
}

function objectIn(text: string): JsonObject | undefined {
  return text.trimStart().startsWith("{") ? parseJsonObject(Buffer.from(text.trim())) : undefined;
}

/** A private JWK verifies with its public half, whatever it says that it is used for. */
function publicPart(jwk: JsonObject): JsonObject {
  return Object.hasOwn(jwk, "d") ? { ...jwk, key_ops: undefined } : jwk;
}

function inPem(text: string, read: (pem: string) => KeyObject): KeyObject {
  try {
    return read(text);
  } catch {
    throw unusable(read === createPrivateKey ? "a private key" : "a public key, a private key or a certificate");
  }
}

function inJwk(jwk: JsonObject): KeyObject {
  try {
    return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    throw unusable("a private JWK: one that has d");
  }
}

function fits(algorithm: JwsAlgorithm, key: KeyObject): boolean {
  return algorithmOfKey(key, [algorithm]) !== undefined;
}

/** A key that does not fit its algorithm says why; of the key itself nothing is told. */
function bound<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw unusable((error as Error).message);
  }
}

function unusable(allowed: string): OptionFault {
  return new OptionFault("key", { got: undefined, allowed, example: "--key key.pem" });
}
