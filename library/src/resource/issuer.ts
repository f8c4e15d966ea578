import { fetchIssuerMetadata } from "../methods/jwt/index.ts";
import type { JsonObject } from "../primitives/index.ts";
import type { ResourceSettings } from "./options.ts";

/** What is looked up of the issuer, when it is needed. */
export interface IssuerEndpoints {
  keysUrl(): Promise<string>;
}

/** Metadata is asked for again after this long. */
const freshMs = 600_000;

/**
 * Where the issuer's endpoints are, by its metadata. A Latchkey without an OAuth server has none, and its keys at the usual
 * place. Each look is one request for all who wait.
 */
export function issuerEndpoints({ issuer, jwksUrl, clock }: ResourceSettings): IssuerEndpoints {
  let known: JsonObject | undefined;
  let knownAt = -Infinity;
  let asking: Promise<JsonObject> | undefined;

  async function metadata(): Promise<JsonObject> {
    if (known !== undefined && clock.now() - knownAt < freshMs) return known;
    asking ??= fetchIssuerMetadata(issuer)
      .then((told) => {
        knownAt = clock.now();
        return (known = told);
      })
      .finally(() => (asking = undefined));
    return asking;
  }

  return {
    async keysUrl() {
      if (jwksUrl !== undefined) return jwksUrl;
      const { jwks_uri } = await metadata().catch((): JsonObject => ({}));
      return typeof jwks_uri === "string" ? jwks_uri : `${issuer}/.well-known/jwks.json`;
    },
  };
}
