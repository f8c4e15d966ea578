import type { Answer } from "./answer.ts";
import type { ActedBy, Origin } from "./audit.ts";
import type { Principal } from "./principal.ts";
import type { MaybePromise } from "./promise.ts";
import type { Refusal } from "./refusal.ts";

/** What a person, or a program in its name, presents to sign in. Not yet believed, not yet of the right shape. */
export interface SignInClaim {
  readonly email: unknown;
  readonly password: unknown;
  /** The token of a device this person has signed in from before, as the device keeps it. */
  readonly device: string | undefined;
  readonly origin: Origin;
}

export interface SignedIn {
  readonly userId: string;
  readonly email: string;
  /** The token that this device shall keep, to be told as `device` at the next sign-in; undefined: nothing to keep. */
  readonly device?: string | undefined;
}

/**
 * The one way in by password, whichever door it is asked at (`/login`, Basic, a page of the OAuth server): limits first,
 * then the password, at equal cost for known and unknown addresses. Rejects with a Fault when it cannot know.
 */
export type SignIn = (claim: SignInClaim) => Promise<SignedIn | Refusal>;

/** Limits of attempts to sign in: by account, by address, and by both. Counted before the password is looked at. */
export interface SignInLimits {
  /** Takes one attempt from every budget that applies, at once; a refusal (429) when one is used up. */
  admit(attempt: SignInAttempt): MaybePromise<Refusal | undefined>;
  /**
   * The password was right, or nobody looked at it: gives back what this attempt took, and nothing else. What was guessed
   * wrong before, for this account or from this address, stays counted.
   */
  passed(attempt: SignInAttempt): MaybePromise<void>;
  /** The password was right: from this address, others' failures do not keep this account out for a while. */
  remember(attempt: SignInAttempt): MaybePromise<void>;
  /** What this device keeps, so that it is known at the next sign-in to this account. A secret, for a cookie. */
  deviceToken(attempt: SignInAttempt): string;
}

export interface SignInAttempt {
  /** The normalised email: whether or not there is such an account. */
  readonly account: string;
  readonly address: string;
  /** The token of a device that has signed in to this account before: then somebody else's failures do not keep it out. */
  readonly device: string | undefined;
}

/**
 * After the password or the rights of somebody changed: gives the session by which this principal is here a new secret (its
 * old one is dead), ends all others of the subject, and answers the headers that set the new cookie. Without a session
 * only the others end. The new one counts as signed in at this moment.
 */
export type RenewSession = (principal: Principal, by: ActedBy) => Promise<Answer["headers"]>;
