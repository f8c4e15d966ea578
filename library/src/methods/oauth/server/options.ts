import { OptionFault } from "../../../contracts/index.ts";
import { isScopeToken, scopeForm } from "../../../primitives/index.ts";
import type { TokenFormat } from "./clients/index.ts";

/** `oauth` of the options: the authorization server. */
export interface OAuthOptions {
  /** What each scope lets an app do, in words for the consent page: `{ "posts:read": "Read your posts" }`. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Form of access tokens for clients that say nothing of it: `"jwt"` (default) or `"opaque"`. */
  readonly accessTokens?: TokenFormat;
}

export interface OAuthSettings {
  readonly scopes: Readonly<Record<string, string>>;
  readonly accessTokens: TokenFormat;
}

/** Checks the options. Throws an OptionFault. */
export function readOAuthOptions({ scopes = {}, accessTokens = "jwt" }: OAuthOptions = {}): OAuthSettings {
  for (const [scope, words] of Object.entries(scopes)) {
    if (!isScopeToken(scope))
      throw new OptionFault("oauth.scopes", { got: scope, allowed: scopeForm, example: '{ "posts:read": "Read your posts" }' });
    if (typeof words !== "string" || words.length === 0 || words.length > 200)
      throw new OptionFault("oauth.scopes", {
        got: words,
        allowed: "1 to 200 characters for each scope",
        example: '{ "posts:read": "Read your posts" }',
      });
  }
  if (accessTokens !== "jwt" && accessTokens !== "opaque")
    throw new OptionFault("oauth.accessTokens", { got: accessTokens, allowed: "jwt, opaque", example: '"jwt"' });
  return { scopes: { ...scopes }, accessTokens };
}
