import { createPrivateKey, createPublicKey, createSecretKey, generateKeyPair, type JsonWebKey, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { Fault } from "../contracts/index.ts";
import {
  isSymmetric,
  type JwsAlgorithm,
  randomBase62,
  randomOctets,
  type Sealer,
  type SigningKey,
  signingKey,
  type VerificationKey,
  verificationKey,
} from "../primitives/index.ts";
import type { SigningKeyRow } from "./table.ts";

const makePair = promisify(generateKeyPair);
const curves: Readonly<Partial<Record<JwsAlgorithm, string>>> = { ES256: "P-256", ES384: "P-384", ES512: "P-521" };

/** A new key as a row: private part sealed for this row only. RSA keys take a good part of a second, off the event loop. */
export async function makeKey(
  facts: Pick<SigningKeyRow, "algorithm" | "generation" | "created_at" | "signs_from" | "longest_ms">,
  sealer: Sealer,
): Promise<SigningKeyRow> {
  const id = randomBase62(16);
  const { secret, publicJwk } = await newKey(facts.algorithm);
  return { id, ...facts, sealed: sealer.seal(secret, sealContext(id)), public_jwk: publicJwk, withdrawn_at: null };
}

async function newKey(algorithm: JwsAlgorithm): Promise<{ readonly secret: string; readonly publicJwk: string | null }> {
  if (isSymmetric(algorithm)) return { secret: randomOctets(64).toString("base64url"), publicJwk: null };
  const { privateKey, publicKey } = await keyPair(algorithm);
  return {
    secret: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    publicJwk: JSON.stringify(publicKey.export({ format: "jwk" })),
  };
}

function keyPair(algorithm: JwsAlgorithm): Promise<{ readonly privateKey: KeyObject; readonly publicKey: KeyObject }> {
  const namedCurve = curves[algorithm];
  if (namedCurve !== undefined) return makePair("ec", { namedCurve });
  if (algorithm === "EdDSA") return makePair("ed25519");
  return makePair("rsa", { modulusLength: 2048 });
}

/** What a sealed key is bound to: moved to another row it does not open. */
export function sealContext(id: string): string {
  return `signing-key ${id}`;
}

/** The key to sign with. Throws a Fault when it was sealed under a master secret that is not configured. */
export function openSigningKey(row: SigningKeyRow, sealer: Sealer): SigningKey {
  return signingKey(row.algorithm, isSymmetric(row.algorithm) ? openSecret(row, sealer) : createPrivateKey(opened(row, sealer)), row.id);
}

/** The key to verify with: of the public part, so that a wrong master secret refuses no good token. */
export function openVerificationKey(row: SigningKeyRow, sealer: Sealer): VerificationKey {
  const key =
    row.public_jwk === null ? openSecret(row, sealer) : createPublicKey({ key: JSON.parse(row.public_jwk) as JsonWebKey, format: "jwk" });
  return verificationKey(row.algorithm, key, row.id);
}

function openSecret(row: SigningKeyRow, sealer: Sealer): KeyObject {
  return createSecretKey(opened(row, sealer), "base64url");
}

function opened(row: SigningKeyRow, sealer: Sealer): string {
  const secret = sealer.open(row.sealed, sealContext(row.id));
  if (secret !== undefined) return secret;
  throw new Fault(
    "LATCHKEY_SECRET_MISMATCH",
    `Signing key ${row.id} does not open: it was sealed under a master secret that is not among the configured ones.`,
  );
}
