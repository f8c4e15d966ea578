import { OptionFault } from "../../../contracts/index.ts";
import { type JsonObject, randomBase62, signJws, type SigningKey } from "../../../primitives/index.ts";

/**
 * Signs claims as they stand, with `iat` and `jti` where they have none. Of what they say nothing is checked but that it ends: a token
 * without `exp` is good for ever. Throws an OptionFault.
 */
export function signJwt(claims: JsonObject, type: string, key: SigningKey, at: number): string {
  const { exp } = claims;
  if (typeof exp !== "number" || exp * 1_000 <= at)
    throw new OptionFault("exp", {
      got: exp,
      allowed: "seconds since 1970, in the future",
      example: `"exp": ${Math.floor(at / 1_000) + 900}`,
    });
  return signJws({ iat: Math.floor(at / 1_000), jti: randomBase62(22), ...claims }, type, key);
}
