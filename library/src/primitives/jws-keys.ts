import { constants, createHmac, type KeyObject, sign, verify, type SigningOptions } from "node:crypto";
import { sameBytes } from "./compare.ts";

/** The signature algorithms of RFC 7518 s.3 and RFC 8037 that are spoken here. `none` is no member, so it cannot be named. */
export type JwsAlgorithm = keyof typeof algorithms;

/** A key that may sign, with one algorithm only. */
export interface SigningKey {
  readonly algorithm: JwsAlgorithm;
  readonly keyId: string | undefined;
  readonly sign: (data: Buffer) => Buffer;
  /** The header of a token of this type, in base64url: always the same, so it is written once. */
  readonly headerOf: (type: string) => string;
}

/** A key that may verify, with one algorithm only: the header of a token never chooses the routine (RFC 8725 s.3.1). */
export interface VerificationKey {
  readonly algorithm: JwsAlgorithm;
  readonly keyId: string | undefined;
  /** Total: any bytes in, an answer out. */
  readonly verify: (data: Buffer, signature: Buffer) => boolean;
}

type Facts =
  | { readonly kind: "hmac"; readonly hash: string; readonly least: number }
  | { readonly kind: "ec"; readonly hash: string; readonly curve: string; readonly length: number }
  | { readonly kind: "rsa" | "pss"; readonly hash: string; readonly salt: number }
  | { readonly kind: "ed25519" };

const algorithms = {
  ES256: { kind: "ec", hash: "sha256", curve: "prime256v1", length: 64 },
  ES384: { kind: "ec", hash: "sha384", curve: "secp384r1", length: 96 },
  ES512: { kind: "ec", hash: "sha512", curve: "secp521r1", length: 132 },
  EdDSA: { kind: "ed25519" },
  RS256: { kind: "rsa", hash: "sha256", salt: 0 },
  RS384: { kind: "rsa", hash: "sha384", salt: 0 },
  RS512: { kind: "rsa", hash: "sha512", salt: 0 },
  PS256: { kind: "pss", hash: "sha256", salt: 32 },
  PS384: { kind: "pss", hash: "sha384", salt: 48 },
  PS512: { kind: "pss", hash: "sha512", salt: 64 },
  HS256: { kind: "hmac", hash: "sha256", least: 32 },
  HS384: { kind: "hmac", hash: "sha384", least: 48 },
  HS512: { kind: "hmac", hash: "sha512", least: 64 },
} as const satisfies Readonly<Record<string, Facts>>;

export const jwsAlgorithms = Object.keys(algorithms) as readonly JwsAlgorithm[];

export function isJwsAlgorithm(name: unknown): name is JwsAlgorithm {
  return typeof name === "string" && Object.hasOwn(algorithms, name);
}

/** Whether both sides of this algorithm hold the same secret, so that nothing of it may be published. */
export function isSymmetric(algorithm: JwsAlgorithm): boolean {
  return algorithms[algorithm].kind === "hmac";
}

/**
 * Binds a private key, or for HMAC a secret one, to its algorithm. Throws a TypeError that says why a key does not fit:
 * of another type or curve, an RSA modulus below 2048 bits, a secret shorter than the hash (RFC 7518 s.3.2, s.3.3).
 */
export function signingKey(algorithm: JwsAlgorithm, key: KeyObject, keyId?: string): SigningKey {
  const facts: Facts = algorithms[algorithm];
  requireFit(algorithm, facts, key, "private");
  const headerOf = headersOf(algorithm, keyId);
  if (facts.kind === "hmac") return { algorithm, keyId, headerOf, sign: (data) => createHmac(facts.hash, key).update(data).digest() };
  const [hash, options] = nodeForm(facts, key);
  return { algorithm, keyId, headerOf, sign: (data) => sign(hash, data, options) };
}

/** Types are few, and ours. */
function headersOf(alg: JwsAlgorithm, kid: string | undefined): SigningKey["headerOf"] {
  const written = new Map<string, string>();
  return (typ) => {
    const known = written.get(typ);
    if (known !== undefined) return known;
    // A `kid` that is undefined is not written.
    const header = Buffer.from(JSON.stringify({ alg, typ, kid })).toString("base64url");
    written.set(typ, header);
    return header;
  };
}

/**
 * Binds a public key, or for HMAC a secret one, to its algorithm. A public key is never taken for a secret: the KeyObject
 * says which it is. Throws a TypeError that says why a key does not fit.
 */
export function verificationKey(algorithm: JwsAlgorithm, key: KeyObject, keyId?: string): VerificationKey {
  const facts: Facts = algorithms[algorithm];
  requireFit(algorithm, facts, key, "public");
  if (facts.kind === "hmac") {
    return {
      algorithm,
      keyId,
      verify: (data, signature) => sameBytes(createHmac(facts.hash, key).update(data).digest(), signature),
    };
  }
  const [hash, options] = nodeForm(facts, key);
  const length = facts.kind === "ec" ? facts.length : undefined;
  return {
    algorithm,
    keyId,
    verify(data, signature) {
      // r and s side by side (RFC 7518 s.3.4), nothing else; both values of s are taken, since nothing is keyed on a signature.
      if (length !== undefined && signature.length !== length) return false;
      try {
        return verify(hash, data, options, signature);
      } catch {
        return false;
      }
    },
  };
}

function nodeForm(facts: Exclude<Facts, { kind: "hmac" }>, key: KeyObject): [string | null, SigningOptions & { key: KeyObject }] {
  if (facts.kind === "ed25519") return [null, { key }];
  if (facts.kind === "ec") return [facts.hash, { key, dsaEncoding: "ieee-p1363" }];
  if (facts.kind === "rsa") return [facts.hash, { key, padding: constants.RSA_PKCS1_PADDING }];
  return [facts.hash, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: facts.salt }];
}

function requireFit(algorithm: JwsAlgorithm, facts: Facts, key: KeyObject, side: "private" | "public"): void {
  const wanted = facts.kind === "hmac" ? "secret" : side;
  if (key.type !== wanted) throw new TypeError(`${algorithm} needs a ${wanted} key, this one is ${key.type}`);
  if (facts.kind === "hmac") return requireLength(algorithm, facts.least, key.symmetricKeySize ?? 0);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (facts.kind === "ed25519") {
    if (type !== "ed25519") throw new TypeError(`${algorithm} needs an Ed25519 key, this one is ${type}`);
  } else if (facts.kind === "ec") {
    if (type !== "ec" || details?.namedCurve !== facts.curve)
      throw new TypeError(`${algorithm} needs an EC key on ${facts.curve}, this one is ${details?.namedCurve ?? type}`);
  } else {
    if (type !== "rsa") throw new TypeError(`${algorithm} needs an RSA key, this one is ${type}`);
    const bits = details?.modulusLength ?? 0;
    // Longer ones only cost the verifier: 8192 bits are slower than any client needs.
    if (bits < 2048 || bits > 8192) throw new TypeError(`${algorithm} needs an RSA key of 2048 to 8192 bits, this one has ${bits}`);
    // With an exponent of 1 a signature is what was signed: anybody can write one.
    if ((details?.publicExponent ?? 0n) < 3n) throw new TypeError(`${algorithm} needs an RSA key with an exponent of at least 3`);
  }
}

function requireLength(algorithm: JwsAlgorithm, least: number, length: number): void {
  if (length < least) throw new TypeError(`${algorithm} needs a secret of at least ${least} bytes, this one has ${length}`);
}
