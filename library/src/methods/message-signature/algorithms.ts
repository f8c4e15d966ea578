import type { JwsAlgorithm } from "../../primitives/index.ts";

/** Names of RFC 9421 s.6.2.2, and what the same signature is called in JOSE. RSA with PKCS#1 v1.5 is left out: PSS is there. */
const algorithms = {
  ed25519: "EdDSA",
  "ecdsa-p256-sha256": "ES256",
  "rsa-pss-sha512": "PS512",
  "hmac-sha256": "HS256",
} as const satisfies Readonly<Record<string, JwsAlgorithm>>;

export type MessageAlgorithm = keyof typeof algorithms;

export const messageAlgorithms = Object.keys(algorithms) as readonly MessageAlgorithm[];

export function isMessageAlgorithm(name: unknown): name is MessageAlgorithm {
  return typeof name === "string" && Object.hasOwn(algorithms, name);
}

export function jwsAlgorithmOf(name: MessageAlgorithm): JwsAlgorithm {
  return algorithms[name];
}

/** Of public keys only: a secret of a client would have to be kept readable. */
export const publicAlgorithms: readonly JwsAlgorithm[] = ["EdDSA", "ES256", "PS512"];
