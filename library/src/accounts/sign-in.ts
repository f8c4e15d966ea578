import type { AuditTrail, Refusal, SignedIn, SignIn, SignInAttempt, SignInClaim, SignInLimits, Store } from "../contracts/index.ts";
import { sha256 } from "../primitives/index.ts";
import { normalizeEmail } from "./email.ts";
import type { Passwords } from "./passwords/index.ts";

interface SignInParts {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly limits: SignInLimits;
  readonly trail: AuditTrail;
}

/** The one way in by password, as two doors. */
export interface SignIns {
  /** Notes what it refuses. Who lets the person in records that, with the session that it makes. */
  readonly signIn: SignIn;
  /** For a method behind the gate: the gate records every refusal itself, and no session comes of it, so success is recorded here. */
  readonly signInAtGate: SignIn;
}

type Outcome =
  | { readonly signedIn: SignedIn; readonly refusal: undefined }
  | { readonly refusal: Refusal; readonly subject: string | undefined };

/**
 * Limits first, then the password: an attempt that is not allowed costs no hash, and parallel guesses cannot pass
 * together. What is of no use as an address or a password is an attempt too.
 */
export function createSignIn({ store, passwords, limits, trail }: SignInParts): SignIns {
  async function look(claim: SignInClaim): Promise<Outcome> {
    const attempt: SignInAttempt = { account: accountOf(claim.email), address: claim.origin.address, device: claim.device };
    const limited = await limits.admit(attempt);
    if (limited !== undefined) return { refusal: limited, subject: undefined };
    const checked = await checkPassword(claim, attempt);
    if (checked.refusal !== undefined) return { refusal: checked.refusal, subject: checked.user?.id };
    await limits.passed(attempt);
    await limits.remember(attempt);
    return { signedIn: { userId: checked.user.id, email: checked.user.email, device: limits.deviceToken(attempt) }, refusal: undefined };
  }

  async function checkPassword(claim: SignInClaim, attempt: SignInAttempt) {
    try {
      return await passwords.check(claim);
    } catch (error) {
      // Nobody learned whether it was right, so nothing was guessed: who tries again must not pay for a crowd or an outage.
      await limits.passed(attempt);
      throw error;
    }
  }

  return {
    async signIn(claim) {
      const outcome = await look(claim);
      if (outcome.refusal === undefined) return outcome.signedIn;
      const { refusal, subject } = outcome;
      trail.note({
        action: "sign-in.refused",
        outcome: refusal.code,
        actor: undefined,
        subject,
        method: "password",
        credentialId: undefined,
        detail: refusal.detail,
        origin: claim.origin,
      });
      return refusal;
    },
    async signInAtGate(claim) {
      const outcome = await look(claim);
      if (outcome.refusal !== undefined) return outcome.refusal;
      const { userId } = outcome.signedIn;
      await store.write((transaction) =>
        trail.record(transaction, {
          action: "sign-in.succeeded",
          outcome: "done",
          actor: userId,
          subject: userId,
          method: "basic",
          credentialId: undefined,
          detail: undefined,
          origin: claim.origin,
        }),
      );
      return outcome.signedIn;
    },
  };
}

/** Under which name attempts are counted. What is no address gets one of bounded length, which no account has. */
function accountOf(email: unknown): string {
  return typeof email === "string" ? (normalizeEmail(email) ?? `?${sha256(email)}`) : "?";
}
