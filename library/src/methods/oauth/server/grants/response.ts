import { secondsUntil } from "../../../../primitives/index.ts";
import type { IssuedAccessToken } from "../tokens/index.ts";
import type { TokenRequest, TokenResponse } from "./grant.ts";

/** What every grant answers with, before what it adds. */
export function tokenResponse(
  { token, expiresAt }: IssuedAccessToken,
  scopes: readonly string[],
  { at, bound }: Pick<TokenRequest, "at" | "bound">,
): TokenResponse {
  return {
    access_token: token,
    token_type: bound?.tokenType ?? "Bearer",
    expires_in: secondsUntil(expiresAt, at),
    scope: scopes.join(" "),
  };
}
