import { createPublicKey, createSecretKey, KeyObject } from "node:crypto";
import { type ClientKeys, OptionFault } from "../../contracts/index.ts";
import { isScopeToken, scopeForm, type VerificationKey, verificationKey } from "../../primitives/index.ts";
import { isMessageAlgorithm, jwsAlgorithmOf, type MessageAlgorithm, messageAlgorithms } from "./algorithms.ts";

/** A key that is known here, and whose it is. */
export interface MessageKey {
  readonly keyid: string;
  readonly alg: MessageAlgorithm;
  /** A public key as PEM or KeyObject; for `hmac-sha256` at least 32 bytes that both sides keep. */
  readonly key: string | Uint8Array | KeyObject;
  /** The principal's subject. */
  readonly as: string;
  /** `service` by default. */
  readonly kind?: "service" | "client";
  readonly scopes?: readonly string[];
}

/** Who signs with a key. */
export interface KeyHolder {
  readonly key: VerificationKey;
  readonly subject: string;
  readonly kind: "service" | "client";
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

export type FindHolder = (keyid: string, alg: string | undefined) => Promise<KeyHolder | undefined>;

/** Finds who signs, among the given keys first and then among the clients. Throws an OptionFault for a key that cannot be used. */
export function createHolders(keys: readonly MessageKey[], clients: ClientKeys | undefined): FindHolder {
  const known = new Map<string, KeyHolder>();
  for (const given of keys) {
    if (known.has(given?.keyid)) fail(given.keyid, "each keyid once");
    known.set(given?.keyid, holderOf(given));
  }
  return async (keyid, alg) => {
    const own = known.get(keyid);
    if (own !== undefined || clients === undefined) return own;
    const hash = keyid.lastIndexOf("#");
    const [clientId, kid] = hash === -1 ? [keyid, undefined] : [keyid.slice(0, hash), keyid.slice(hash + 1)];
    const named = alg === undefined ? "EdDSA" : isMessageAlgorithm(alg) ? jwsAlgorithmOf(alg) : undefined;
    const found = named === undefined ? undefined : await clients(clientId, { alg: named, kid, typ: undefined });
    return found === undefined ? undefined : { ...found, kind: "client" };
  };
}

function holderOf({ keyid, alg, key, as, kind = "service", scopes = [] }: MessageKey): KeyHolder {
  if (typeof keyid !== "string" || !/^[\x20-\x7e]{1,1024}$/.test(keyid)) fail(keyid, "a keyid of 1 to 1024 printable characters");
  if (typeof as !== "string" || !/^[\x21-\x7e]{1,200}$/.test(as)) fail(as, "`as` of 1 to 200 visible characters");
  if (!isMessageAlgorithm(alg)) fail(alg, `alg of ${messageAlgorithms.join(", ")}`);
  if (kind !== "service" && kind !== "client") fail(kind, "kind of service or client");
  const bad = scopes.find((scope) => !isScopeToken(scope));
  if (bad !== undefined) fail(bad, `scopes: ${scopeForm}`);
  return { key: keyOf(keyid, alg, key), subject: as, kind, scopes: Object.freeze([...scopes]), roles: [] };
}

function keyOf(keyid: string, alg: MessageAlgorithm, key: MessageKey["key"]): VerificationKey {
  try {
    return verificationKey(jwsAlgorithmOf(alg), keyObject(alg, key), keyid);
  } catch (error) {
    // What was given as a key is not shown.
    return fail(keyid, error instanceof TypeError ? error.message : `a key for ${alg}`);
  }
}

function keyObject(alg: MessageAlgorithm, key: MessageKey["key"]): KeyObject {
  if (key instanceof KeyObject) return key.type === "private" ? createPublicKey(key) : key;
  return alg === "hmac-sha256" ? createSecretKey(Buffer.from(key)) : createPublicKey(key as string);
}

function fail(got: unknown, allowed: string): never {
  throw new OptionFault("keys", { got, allowed, example: '[{ keyid: "billing-1", alg: "ed25519", key: pem, as: "svc_billing" }]' });
}
