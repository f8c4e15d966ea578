import type { JsonObject } from "../../primitives/index.ts";
import { fetchJson } from "./fetch-json.ts";

/**
 * The metadata of an issuer, by OpenID Connect Discovery s.4 or RFC 8414 s.3; it must be of this very issuer. Rejects with
 * the Error of the last place that was asked.
 */
export async function fetchIssuerMetadata(issuer: string): Promise<JsonObject> {
  const base = new URL(issuer);
  const path = base.pathname.replace(/\/$/, "");
  const places = [
    `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    `${base.origin}/.well-known/oauth-authorization-server${path}`,
  ];
  let problem: unknown;
  for (const place of places) {
    try {
      const metadata = await fetchJson(place);
      if (metadata["issuer"] !== issuer) throw new Error(`${place} is of another issuer`);
      return metadata;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
