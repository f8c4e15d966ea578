import { OptionFault } from "../../../contracts/index.ts";
import { isScopeToken, scopeForm } from "../../../primitives/index.ts";
import type { TokenFormat } from "./clients/index.ts";

/** `oauth` of the options: the authorization server. */
export interface OAuthOptions {
  /** What each scope lets an app do, in words for the consent page: `{ "posts:read": "Read your posts" }`. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Form of access tokens for clients that say nothing of it: `"jwt"` (default) or `"opaque"`. */
  readonly accessTokens?: TokenFormat;
  /**
   * For an app with a sign-in of its own: values of `acr` that `auth.sessions.create` and `rotate` are given there. Where a client asks
   * for one that the session does not have, the person is sent to sign in with `acr_values` in the URL. Default: none.
   */
  readonly acrValues?: readonly string[];
}

export interface OAuthSettings {
  readonly scopes: Readonly<Record<string, string>>;
  readonly accessTokens: TokenFormat;
  readonly acrValues: readonly string[];
}

const scopesExample = '{ "posts:read": "Read your posts" }';

/** Checks the options. Throws an OptionFault. */
export function readOAuthOptions({ scopes = {}, accessTokens = "jwt", acrValues = [] }: OAuthOptions = {}): OAuthSettings {
  if (typeof scopes !== "object" || scopes === null || Array.isArray(scopes))
    throw new OptionFault("oauth.scopes", { got: scopes, allowed: "an object of scopes and words for each", example: scopesExample });
  for (const [scope, words] of Object.entries(scopes)) checkWords(scope, words);
  if (accessTokens !== "jwt" && accessTokens !== "opaque")
    throw new OptionFault("oauth.accessTokens", { got: accessTokens, allowed: "jwt, opaque", example: '"jwt"' });
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
  return { scopes: { ...scopes }, accessTokens, acrValues: [...new Set(acrValues)] };
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
