import { fetchIssuerMetadata } from "../methods/jwt/index.ts";
import type { JsonObject } from "../primitives/index.ts";
import type { ResourceSettings } from "./options.ts";

/** What is looked up of the issuer, when it is needed. */
export interface IssuerEndpoints {
  keysUrl(): Promise<string>;
  introspectionUrl(): Promise<string>;
}

/** Metadata is asked for again after this long. */
const freshMs = 600_000;
/** An issuer that has none is not asked for it with every request. */
const coolDownMs = 30_000;

/**
 * Where the issuer's endpoints are, by its metadata. A Latchkey without an OAuth server has none, and its keys at the usual
 * place. Each look is one request for all who wait.
 */
export function issuerEndpoints({ issuer, jwksUrl, introspection, clock }: ResourceSettings): IssuerEndpoints {
  let known: JsonObject | undefined;
  let triedAt = -Infinity;
  let asking: Promise<JsonObject> | undefined;

  async function metadata(): Promise<JsonObject> {
    const age = clock.now() - triedAt;
    if (asking === undefined && (known === undefined ? age < coolDownMs : age < freshMs)) return known ?? {};
    asking ??= fetchIssuerMetadata(issuer)
      .then((told) => (known = told))
      .finally(() => {
        triedAt = clock.now();
        asking = undefined;
      });
    return asking;
  }

  async function named(member: string, usual: string): Promise<string> {
    const told = await metadata().catch((): JsonObject => known ?? {});
    const url = told[member];
    return typeof url === "string" ? url : `${issuer}${usual}`;
  }

  return {
    keysUrl: async () => jwksUrl ?? named("jwks_uri", "/.well-known/jwks.json"),
    introspectionUrl: async () => introspection?.url ?? named("introspection_endpoint", "/oauth/introspect"),
  };
}
