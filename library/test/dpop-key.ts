import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from "jose";

/** A key of a client, made and used by a library that is not ours. */
export interface DpopKey {
  readonly jkt: string;
  readonly jwk: JWK;
  readonly privateKey: KeyObject;
  /** A proof with these claims; `jti` and `iat` are there already. */
  prove(claims: object): Promise<string>;
}

export async function dpopKey(clock: { now(): number }): Promise<DpopKey> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = await exportJWK(publicKey);
  let proofs = 0;
  return {
    jkt: await calculateJwkThumbprint(jwk),
    jwk,
    privateKey,
    prove: (claims) =>
      new SignJWT({ jti: `proof-${(proofs += 1)}`, iat: Math.floor(clock.now() / 1_000), ...claims })
        .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
        .sign(privateKey),
  };
}

/** `ath` of RFC 9449 s.4.2. */
export const athOf = (token: string): string => createHash("sha256").update(token).digest("base64url");
