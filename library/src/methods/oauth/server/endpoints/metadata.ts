import type { Endpoint } from "../../../../contracts/index.ts";
import { textAnswer, withHeaders } from "../../../../http/index.ts";
import type { JsonObject } from "../../../../primitives/index.ts";

/** Five minutes, like the key set: long enough to matter, short enough to change one's mind. */
const keptSeconds = 300;

/**
 * `/.well-known/oauth-authorization-server` (RFC 8414) and `/.well-known/openid-configuration` (OpenID Connect Discovery):
 * one document, for anybody.
 */
export function metadataEndpoints(metadata: JsonObject): readonly Endpoint[] {
  const answer = withHeaders(textAnswer(200, JSON.stringify(metadata), "application/json"), {
    "cache-control": `public, max-age=${keptSeconds}`,
  });
  return ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"].map((path) => ({
    method: "GET",
    path,
    rule: undefined,
    handle: () => answer,
  }));
}
