import {
  type ActedBy,
  after,
  type Clock,
  isRefusal,
  type MaybePromise,
  OptionFault,
  type Principal,
  type Refusal,
  type Verified,
} from "../../contracts/index.ts";
import type { JsonObject } from "../../primitives/index.ts";
import { type IssuedToken, type IssueParts, issueToken, type TokenOptions } from "./issue.ts";
import type { Revocations, TokenHolder } from "./revocations.ts";
import { proveJwt, type TrustedIssuer, trustIn, verifyJwt } from "./verify.ts";

/** What to revoke: one token, or everything that was issued so far for a session, grant, client or subject, refresh tokens too. */
export type RevokeTokens =
  | { readonly token: string }
  | { readonly id: string }
  | { readonly session: string }
  | { readonly grant: string }
  | { readonly client: string }
  | { readonly subject: string };

/** `auth.tokens`. */
export interface Tokens {
  /** Makes an access token. Writes nothing, and is synchronous on a warm node; rejects (or throws) with an OptionFault. */
  issue(options: TokenOptions): MaybePromise<IssuedToken>;
  /**
   * Judges a token of ours, whichever of the configured audiences it is for. What it is bound to (`principal.confirmation`) is
   * not proven here: only a request can do that, at the gate. Rejects with a Fault when it cannot know.
   */
  verify(token: string): MaybePromise<Verified | Refusal>;
  /** The answer of RFC 7662 s.2.2: `{ active: false }` and nothing else for whatever is not good now. */
  introspect(token: string): Promise<JsonObject>;
  /** Ends a token that this client holds. False: it is none of ours, or of somebody else, or ended already. */
  revokeOf(token: string, clientId: string, by: ActedBy): Promise<boolean>;
  /** Durable when it resolves; refused here from the next request on, elsewhere within a second. False: nothing to revoke. */
  revoke(what: RevokeTokens, by?: ActedBy): Promise<boolean>;
}

interface TokenParts extends IssueParts {
  readonly clock: Clock;
  readonly own: TrustedIssuer;
  readonly revocations: Revocations;
}

/** How it is sent (RFC 9449 s.6.2): a token bound to a key is no bearer token. */
export function tokenTypeOf({ confirmation }: Principal): "Bearer" | "DPoP" {
  return confirmation?.["jkt"] === undefined ? "Bearer" : "DPoP";
}

const byProgram: ActedBy = { actor: undefined, method: undefined, origin: undefined };

export function createTokens(parts: TokenParts): Tokens {
  const { revocations, clock } = parts;
  // Whoever asks about a token need not be the one for whom it is.
  const anyAudience = trustIn({ ...parts.own, audiences: parts.audiences });
  const verify = (token: string) => verifyJwt(token, anyAudience, clock.now());

  async function revokeOne(token: string, by: ActedBy, clientId?: string): Promise<boolean> {
    const genuine = await proveJwt(token, anyAudience, clock.now());
    if (isRefusal(genuine) || (clientId !== undefined && genuine.claims.clientId !== clientId)) return false;
    return revocations.revokeToken(genuine.claims.id!, genuine.claims.expiresAt + parts.own.toleranceMs, by);
  }

  return {
    issue: (options) => issueToken(options, parts),
    verify,
    introspect: async (token) => {
      const answer = await after(verify(token), (verified) => (isRefusal(verified) ? undefined : verified));
      return answer === undefined
        ? { active: false }
        : { active: true, ...answer.principal.claims, token_type: tokenTypeOf(answer.principal) };
    },
    revokeOf: (token, clientId, by) => revokeOne(token, by, clientId),
    async revoke(what, by = byProgram) {
      if ("token" in what) return revokeOne(what.token, by);
      if ("id" in what) return revocations.revokeToken(what.id, clock.now() + parts.longestMs + parts.own.toleranceMs, by);
      const [kind, name] = Object.entries(what)[0] ?? [];
      if (!["session", "grant", "client", "subject"].includes(kind ?? "") || typeof name !== "string" || name === "")
        throw new OptionFault("revoke", {
          got: kind,
          allowed: "token, id, session, grant, client or subject",
          example: '{ subject: "usr_…" }',
        });
      await revocations.revokeAll(name, by, kind as TokenHolder);
      return true;
    },
  };
}
