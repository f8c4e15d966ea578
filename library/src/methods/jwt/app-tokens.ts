import {
  type ActedBy,
  type ActiveOwner,
  type Clock,
  isRefusal,
  type MaybePromise,
  type OwnerState,
  type Refusal,
} from "../../contracts/index.ts";
import type { IssuedToken, TokenOptions } from "./issue.ts";
import { jwtRefusals } from "./refusals.ts";

/** Refresh tokens, kept elsewhere. */
interface Families {
  begin(
    family: {
      readonly subject: string;
      readonly clientId: string;
      readonly sessionId?: string | undefined;
      readonly data: unknown;
      readonly noLaterThan?: number | undefined;
    },
    by: ActedBy,
  ): Promise<Refreshed>;
  rotate(token: string, clientId: string, by: ActedBy): Promise<Refreshed | Refusal>;
  revoke(token: string, clientId: string, by: ActedBy): Promise<boolean>;
}

interface Refreshed {
  readonly refreshToken: string;
  readonly expiresAt: number;
  readonly familyId: string;
  readonly subject: string;
  readonly clientId: string;
  readonly sessionId: string | undefined;
  readonly data: unknown;
}

interface AppTokenParts {
  readonly clock: Clock;
  readonly clientId: string;
  /** `owner`: the state of the subject, where it was just asked for. */
  readonly issue: (options: TokenOptions, owner: ActiveOwner | undefined) => MaybePromise<IssuedToken>;
  readonly families: Families;
  readonly ownerState: (subject: string) => MaybePromise<OwnerState>;
  /** Whether the session from which tokens were begun is still there. */
  readonly sessionStands: (sessionId: string) => MaybePromise<boolean>;
}

/** How somebody signed in, for the tokens that come of it. */
export interface AppSignIn {
  readonly subject: string;
  readonly sessionId?: string | undefined;
  readonly amr: readonly string[];
  readonly acr?: string | undefined;
  readonly authenticatedAt: number;
  readonly noLaterThan?: number | undefined;
}

/** An access token and the refresh token that brings the next one. Both are in this answer only. */
export interface TokenPair {
  readonly access: IssuedToken;
  readonly refreshToken: string;
  readonly refreshExpiresAt: number;
}

/** Tokens for an app of one's own, which acts as the person who signed in to it. */
export interface AppTokens {
  begin(signedIn: AppSignIn, by: ActedBy): Promise<TokenPair>;
  refresh(token: string, by: ActedBy): Promise<TokenPair | Refusal>;
  revoke(token: string, by: ActedBy): Promise<boolean>;
}

type Data = Pick<AppSignIn, "amr" | "acr" | "authenticatedAt">;

export function createAppTokens(parts: AppTokenParts): AppTokens {
  const { families, clientId } = parts;

  async function pairOf(refreshed: Refreshed, owner?: ActiveOwner): Promise<TokenPair> {
    const { amr, acr, authenticatedAt } = refreshed.data as Data;
    const options: TokenOptions = {
      subject: refreshed.subject,
      clientId: refreshed.clientId,
      grantId: refreshed.familyId,
      inPerson: true,
      amr,
      authenticatedAt,
      acr,
      sessionId: refreshed.sessionId,
    };
    const access = await parts.issue(options, owner);
    return { access, refreshToken: refreshed.refreshToken, refreshExpiresAt: refreshed.expiresAt };
  }

  return {
    async begin({ subject, sessionId, noLaterThan, ...data }, by) {
      return pairOf(await families.begin({ subject, clientId, sessionId, data: data satisfies Data, noLaterThan }, by));
    },
    async refresh(token, by) {
      const refreshed = await families.rotate(token, clientId, by);
      if (isRefusal(refreshed)) return refreshed;
      const owner = await parts.ownerState(refreshed.subject);
      const since = (refreshed.data as Data).authenticatedAt;
      const { subject, sessionId } = refreshed;
      const active = owner.state === "active" && (owner.passwordChangedAt === undefined || owner.passwordChangedAt <= since);
      if (active && (sessionId === undefined || (await parts.sessionStands(sessionId)))) return pairOf(refreshed, owner);
      // Who may no longer act, signed in with an older password or signed out, signs in again.
      await families.revoke(refreshed.refreshToken, clientId, by);
      const detail = active ? `${sessionId} of ${subject} has ended` : `${subject} is ${owner.state}, or has another password since`;
      return jwtRefusals["source-ended"]({ detail });
    },
    revoke: (token, by) => families.revoke(token, clientId, by),
  };
}
