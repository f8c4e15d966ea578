import { OptionFault } from "../../../../contracts/index.ts";
import { isScopeToken, scopeForm } from "../../../../primitives/index.ts";

/** Whether clients may register themselves, and what such a client may ask people for. */
export interface RegistrationOptions {
  /**
   * `off`; `token`: with the initial access token only (RFC 7591 s.3); `open`: anybody. Default: `open` with an issuer on
   * loopback (development), `off` elsewhere.
   */
  readonly mode?: "off" | "token" | "open";
  /** The initial access token: at least 32 random characters. */
  readonly token?: string;
  /** Scopes that such clients may ask for; people consent to them. Default: those of OpenID Connect, and of `oauth.scopes`. */
  readonly scopes?: readonly string[];
  /** Whether an https URL may be a client_id: the client is what the document there says. Default: with `open` only. */
  readonly metadataDocuments?: boolean;
}

export interface RegistrationSettings {
  readonly mode: "off" | "token" | "open";
  readonly token: string | undefined;
  readonly scopes: readonly string[];
  readonly metadataDocuments: boolean;
}

const openidScopes = ["openid", "profile", "email", "offline_access"];

/** Throws an OptionFault for what cannot be used. */
export function readRegistrationOptions(options: RegistrationOptions, issuer: string, configured: readonly string[]): RegistrationSettings {
  const { mode = issuer.startsWith("http:") ? "open" : "off", token, scopes = [...openidScopes, ...configured] } = options;
  if (!["off", "token", "open"].includes(mode))
    throw new OptionFault("registration.mode", { got: mode, allowed: "off, token or open", example: '"token"' });
  if ((mode === "token") !== (token !== undefined) || (token !== undefined && (typeof token !== "string" || token.length < 32)))
    throw new OptionFault("registration.token", {
      // Only its length is told: even a bad secret is not printed.
      got: typeof token === "string" ? `${token.length} characters` : token,
      allowed: "with mode token, and only with it, at least 32 random characters",
      example: "the output of: openssl rand -base64 32",
    });
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === "string" && isScopeToken(scope)))
    throw new OptionFault("registration.scopes", { got: scopes, allowed: scopeForm, example: '["openid", "posts:read"]' });
  return { mode, token, scopes: [...new Set(scopes)], metadataDocuments: options.metadataDocuments ?? mode === "open" };
}
