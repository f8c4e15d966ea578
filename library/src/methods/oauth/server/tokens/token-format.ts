import type { Client, TokenFormat } from "../clients/index.ts";

/** In which form a token of this client for these resources is; none of them: the default audience. */
export type TokenFormatOf = (client: Pick<Client, "tokenFormat">, resources: readonly string[]) => TokenFormat;

/**
 * Signed, unless the client is registered for opaque ones or one of the APIs gets no others: what a signed token says, whoever
 * holds it can read, and an API that must know of a revocation at once asks about each.
 */
export function createTokenFormatOf({
  audience,
  opaqueFor,
}: {
  readonly audience: string;
  readonly opaqueFor: readonly string[];
}): TokenFormatOf {
  const byDefault = opaqueFor.includes(audience);
  return ({ tokenFormat }, resources) => {
    const isOpaque = resources.length === 0 ? byDefault : resources.some((one) => opaqueFor.includes(one));
    return tokenFormat === "opaque" || isOpaque ? "opaque" : "jwt";
  };
}
