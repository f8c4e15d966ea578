import type { Clock, MaybePromise } from "../../../../contracts/index.ts";
import { type JsonObject, type JwsAlgorithm, signJws, type SigningKey } from "../../../../primitives/index.ts";

interface IntrospectionTokenParts {
  readonly issuer: string;
  readonly clock: Clock;
  readonly signer: (algorithm: JwsAlgorithm) => MaybePromise<SigningKey>;
}

/** Who asked, and how the answer to it is signed. */
export interface Asker {
  readonly id: string;
  readonly algorithm: JwsAlgorithm;
}

export type IssueIntrospection = (asker: Asker, body: JsonObject) => Promise<string>;

/** What introspection answers in this form is called, in `Accept` and `Content-Type`; without the first part it is the type of the JWT. */
export const introspectionType = "application/token-introspection+jwt";

/**
 * An answer of introspection that can be shown to others: a JWT for whoever asked (RFC 9701 s.5). What is said of the token
 * stands in one claim; at the top there is no `sub` and no `exp`, so that it is no access token to anybody (s.8.1).
 */
export function createIssueIntrospection({ issuer, clock, signer }: IntrospectionTokenParts): IssueIntrospection {
  return async ({ id, algorithm }, token_introspection) => {
    const iat = Math.floor(clock.now() / 1_000);
    const claims = { iss: issuer, aud: id, iat, token_introspection };
    return signJws(claims, introspectionType.slice("application/".length), await signer(algorithm));
  };
}
