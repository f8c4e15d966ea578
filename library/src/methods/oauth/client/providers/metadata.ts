import * as oauth from "oauth4webapi";
import { ProviderProblem } from "../provider.ts";
import type { ProviderRow } from "./row.ts";

const keepMs = 3_600_000;

/** The metadata of a provider: of its row, or what it publishes, asked once an hour and once for all who wait. */
export function createMetadata(
  row: ProviderRow,
  options: oauth.HttpRequestOptions<"GET">,
): (at: number) => Promise<oauth.AuthorizationServer> {
  const { endpoints, issuer, issuerOf } = row;
  if (!row.discovery && endpoints !== undefined) {
    const { authorization, token, userinfo } = endpoints;
    const known = { issuer, authorization_endpoint: authorization, token_endpoint: token, userinfo_endpoint: userinfo };
    return () => Promise.resolve(known);
  }
  let kept: { readonly metadata: Promise<oauth.AuthorizationServer>; readonly until: number } | undefined;

  async function discover(): Promise<oauth.AuthorizationServer> {
    const url = new URL(issuer);
    const response = await oauth.discoveryRequest(url, options);
    if (issuerOf === undefined) return withEndpoints(await oauth.processDiscoveryResponse(url, response), issuer);
    // A provider of many tenants publishes a pattern in place of an issuer; each token is held against it.
    const document = (await response.json()) as oauth.AuthorizationServer;
    if (response.status !== 200 || typeof document?.issuer !== "string" || new URL(document.issuer).origin !== url.origin)
      throw new ProviderProblem("invalid", `${issuer} publishes no metadata of its own`);
    return withEndpoints(document, issuer);
  }

  return (at) => {
    if (kept !== undefined && at < kept.until && at >= kept.until - keepMs) return kept.metadata;
    const mine = { metadata: discover(), until: at + keepMs };
    kept = mine;
    // A failure is not kept: who comes next asks again.
    mine.metadata.catch(() => {
      if (kept === mine) kept = undefined;
    });
    return mine.metadata;
  };
}

function withEndpoints(metadata: oauth.AuthorizationServer, issuer: string): oauth.AuthorizationServer {
  const { authorization_endpoint: authorization, token_endpoint: token, jwks_uri: keys } = metadata;
  if (authorization !== undefined && token !== undefined && keys !== undefined) return metadata;
  throw new ProviderProblem("invalid", `${issuer} publishes no authorization endpoint, token endpoint or key set`);
}
