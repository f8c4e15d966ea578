import type { Endpoint } from "../contracts/index.ts";
import { jsonAnswer } from "../http/index.ts";
import type { ResourceSettings } from "./options.ts";

const wellKnown = "/.well-known/oauth-protected-resource";

/** Where the metadata of this API is: the well-known path stands before its own path (RFC 9728 s.3.1). */
export function metadataUrl(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${wellKnown}${pathname === "/" ? "" : pathname}`;
}

/** The metadata of this API (RFC 9728 s.2), for anybody: who issues tokens for it, and how they are sent. */
export function metadataEndpoints({ resource, issuer, metadata }: ResourceSettings): readonly Endpoint[] {
  if (resource === undefined) return [];
  const document = {
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    scopes_supported: metadata.scopes,
    resource_name: metadata.name,
    resource_documentation: metadata.documentation,
  };
  const headers = { "cache-control": "public, max-age=3600", "access-control-allow-origin": "*" };
  return [
    { method: "GET", path: new URL(metadataUrl(resource)).pathname, rule: undefined, handle: () => jsonAnswer(200, document, headers) },
  ];
}
