import * as oauth from "oauth4webapi";
import { ProviderProblem } from "../provider.ts";

/** Whatever went wrong while a provider was asked, as one of four kinds. No message of it holds a secret. */
export function problemOf(error: unknown): ProviderProblem {
  if (error instanceof ProviderProblem) return error;
  if (error instanceof oauth.AuthorizationResponseError) {
    const kind = error.error === "access_denied" || error.error === "user_cancelled_login" ? "cancelled" : kindOfError(error.error);
    return new ProviderProblem(kind, `the provider answered ${codeOf(error.error)}`);
  }
  if (error instanceof oauth.ResponseBodyError)
    return new ProviderProblem(
      error.status === 429 ? "unavailable" : kindOfError(error.error),
      `the provider answered ${codeOf(error.error)} (${error.status})`,
    );
  if (error instanceof oauth.WWWAuthenticateChallengeError)
    return new ProviderProblem("refused", `the provider answered ${error.status} to its own token`);
  // The library puts tokens and parameters into `cause`: only its words are kept.
  const reason = error instanceof Error ? error.message : "something that is no error";
  return new ProviderProblem("invalid", `what the provider answered is not valid: ${reason}`);
}

function kindOfError(error: string): "refused" | "unavailable" {
  return error === "temporarily_unavailable" || error === "server_error" ? "unavailable" : "refused";
}

/** An error code (RFC 6749 s.4.1.2.1) for a log: whoever wrote it, it is short and plain. */
function codeOf(error: string): string {
  return /^[\x21-\x7e]{1,60}$/.test(error) ? error : "an error that is no code";
}
