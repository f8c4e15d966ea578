import { hash, type KeyObject } from "node:crypto";

/** The members of RFC 7638 s.3.2 and RFC 8037 s.2, in the order in which they are hashed. */
const required: Readonly<Record<string, readonly string[]>> = {
  EC: ["crv", "kty", "x", "y"],
  OKP: ["crv", "kty", "x"],
  RSA: ["e", "kty", "n"],
};

/**
 * The JWK thumbprint (RFC 7638) with SHA-256, in base64url, of a public key. Of the key, not of how somebody wrote it: two
 * spellings of one key have one thumbprint. Throws a TypeError for a key that has none.
 */
export function jwkThumbprint(key: KeyObject): string {
  const jwk = key.export({ format: "jwk" });
  const members = required[jwk.kty ?? ""];
  if (members === undefined) throw new TypeError(`a ${jwk.kty} key has no thumbprint here`);
  const kept = Object.fromEntries(members.map((name) => [name, jwk[name]]));
  return hash("sha256", JSON.stringify(kept), "base64url");
}
