import { OptionFault } from "../contracts/index.ts";

/** How tokens that are bound to a key are proven (RFC 9449). */
export interface DpopOptions {
  /** Whether every proof needs a nonce of this server: one request more for a client, and no proof made in advance. Default: no. */
  readonly requireNonce?: boolean;
  /**
   * URLs under which clients know this API, beside the issuer and its origin, where a proxy has another name or path:
   * `https://api.example.com/v1`. The path of the request follows.
   */
  readonly origins?: readonly string[];
}

export interface DpopSettings {
  readonly requireNonce: boolean;
  readonly bases: readonly string[];
}

/** Throws an OptionFault for an origin that is no URL. `audience`: of this API. */
export function readDpopOptions(options: DpopOptions, issuer: string, audience: string): DpopSettings {
  const { requireNonce = false, origins = [] } = options;
  if (typeof requireNonce !== "boolean")
    throw new OptionFault("dpop.requireNonce", { got: requireNonce, allowed: "true or false", example: "true" });
  if (!Array.isArray(origins))
    throw new OptionFault("dpop.origins", { got: origins, allowed: "a list of URLs", example: '["https://api.example.com"]' });
  for (const origin of origins)
    if (!isBase(origin))
      throw new OptionFault("dpop.origins", {
        got: origin,
        allowed: "an http or https URL without query and fragment",
        example: '["https://api.example.com/v1"]',
      });
  // The audience of this API is its URL as well, often.
  const named = isBase(audience) ? [new URL(audience).origin, audience] : [];
  return { requireNonce, bases: [issuer, new URL(issuer).origin, ...named, ...origins] };
}

function isBase(text: unknown): text is string {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const { protocol, search, hash } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && search === "" && hash === "";
}
