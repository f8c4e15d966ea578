import { OptionFault } from "../../../contracts/index.ts";
import { isScopeToken, scopeForm } from "../../../primitives/index.ts";
import type { TokenFormat } from "./clients/index.ts";

/** `oauth` of the options: the authorization server. */
export interface OAuthOptions {
  /** What each scope lets an app do, in words for the consent page: `{ "posts:read": "Read your posts" }`. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Form of access tokens for clients that say nothing of it: `"jwt"` (default) or `"opaque"`. */
  readonly accessTokens?: TokenFormat;
  /** Audiences, as in `jwt.audiences`, whose APIs get opaque tokens, whatever the client is registered for. Default: none. */
  readonly opaqueFor?: readonly string[];
  /**
   * For an app with a sign-in of its own: values of `acr` that `auth.sessions.create` and `rotate` are given there. Where a client asks
   * for one that the session does not have, the person is sent to sign in with `acr_values` in the URL. Default: none.
   */
  readonly acrValues?: readonly string[];
}

export interface OAuthSettings {
  readonly scopes: Readonly<Record<string, string>>;
  readonly accessTokens: TokenFormat;
  readonly opaqueFor: readonly string[];
  readonly acrValues: readonly string[];
}

const scopesExample = '{ "posts:read": "Read your posts" }';

/** Checks the options; `audiences`: those that tokens may be for. Throws an OptionFault. */
export function readOAuthOptions(options: OAuthOptions = {}, audiences: readonly string[]): OAuthSettings {
  const { scopes = {}, accessTokens = "jwt", opaqueFor = [], acrValues = [] } = options;
  if (typeof scopes !== "object" || scopes === null || Array.isArray(scopes))
    throw new OptionFault("oauth.scopes", { got: scopes, allowed: "an object of scopes and words for each", example: scopesExample });
  for (const [scope, words] of Object.entries(scopes)) checkWords(scope, words);
  if (accessTokens !== "jwt" && accessTokens !== "opaque")
    throw new OptionFault("oauth.accessTokens", { got: accessTokens, allowed: "jwt, opaque", example: '"jwt"' });
  if (!Array.isArray(opaqueFor) || !opaqueFor.every((one) => audiences.includes(one)))
    throw new OptionFault("oauth.opaqueFor", {
      got: opaqueFor,
      allowed: `a list of audiences: ${audiences.join(", ")}`,
      example: JSON.stringify(audiences.slice(-1)),
    });
  if (
    !Array.isArray(acrValues) ||
    acrValues.length > 20 ||
    !acrValues.every((value) => typeof value === "string" && /^[!-~]{1,200}$/.test(value))
  )
    throw new OptionFault("oauth.acrValues", {
      got: acrValues,
      allowed: "a list of at most 20 names of 1 to 200 characters without a space",
      example: '["urn:example:silver"]',
    });
  return { scopes: { ...scopes }, accessTokens, opaqueFor: [...opaqueFor], acrValues: [...new Set(acrValues)] };
}

/** People read them in a list: no control characters, none that turn the direction of the text. */
function checkWords(scope: string, words: unknown): void {
  if (!isScopeToken(scope)) throw new OptionFault("oauth.scopes", { got: scope, allowed: scopeForm, example: scopesExample });
  const good = typeof words === "string" && words.trim() === words && words.length >= 1 && words.length <= 200 && words.isWellFormed();
  if (good && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(words)) return;
  throw new OptionFault("oauth.scopes", {
    got: words,
    allowed: `for ${scope} 1 to 200 characters, none of them invisible`,
    example: scopesExample,
  });
}
