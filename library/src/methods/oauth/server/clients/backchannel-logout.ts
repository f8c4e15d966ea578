import { OptionFault } from "../../../../contracts/index.ts";
import type { JsonObject } from "../../../../primitives/index.ts";
import { isOwnUrl } from "./own-url.ts";

/** How a client is told that somebody's session ended (OpenID Connect Back-Channel Logout 1.0 s.2.2). */
export interface BackchannelLogoutOptions {
  /** Where it is told: an https URL without fragment; http on a loopback address. */
  readonly backchannelLogoutUri?: string;
  /** Whether it needs `sid` in the logout token. It always gets it. */
  readonly backchannelLogoutSessionRequired?: boolean;
}

/** The members of the registration. Throws an OptionFault. */
export function backchannelLogoutMetadata(options: BackchannelLogoutOptions): JsonObject {
  const { backchannelLogoutUri: uri, backchannelLogoutSessionRequired: required } = options;
  if (uri === undefined && required === undefined) return {};
  if (uri === undefined || !isOwnUrl(uri))
    throw new OptionFault("backchannelLogoutUri", {
      got: uri,
      allowed: "an https URL without fragment, name and password; http on a loopback address",
      example: '"https://app.example.com/backchannel-logout"',
    });
  if (required !== undefined && typeof required !== "boolean")
    throw new OptionFault("backchannelLogoutSessionRequired", { got: required, allowed: "true or false", example: "true" });
  return { backchannel_logout_uri: uri, ...(required === undefined ? {} : { backchannel_logout_session_required: required }) };
}
