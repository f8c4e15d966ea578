import {
  type Attempt,
  type Credential,
  isRefusal,
  type MaybePromise,
  principal,
  type Refusal,
  type SignIn,
  type Verified,
} from "../../contracts/index.ts";
import { originOf } from "../../http/index.ts";
import { userAndPassword } from "./read.ts";
import { basicRefusals } from "./refusals.ts";

/** Whether a user may act, and what it is: asked of the accounts, which this method knows nothing about. */
export type UserState =
  | { readonly state: "active"; readonly roles: readonly string[] }
  | { readonly state: "disabled" }
  | { readonly state: "unknown" };

export interface VerifyParts {
  readonly signIn: SignIn;
  readonly stateOf: (userId: string) => MaybePromise<UserState>;
  /** How long a right password is remembered. */
  readonly cacheMs: number;
}

/** Judges a password by the one way in: its limits apply, and it costs the same whether or not there is such a user. */
export async function verifyBasic(credential: Credential, attempt: Attempt, parts: VerifyParts): Promise<Verified | Refusal> {
  const { user, password } = userAndPassword(credential.secret.reveal());
  const signedIn = await parts.signIn({ email: user, password, device: undefined, origin: originOf(attempt) });
  if (isRefusal(signedIn)) return signedIn;
  const { userId, email } = signedIn;
  const found = await parts.stateOf(userId);
  // Disabled or deleted since the password was looked at.
  if (found.state !== "active") return basicRefusals["user-gone"]({ detail: `${userId} is ${found.state}` });
  return {
    principal: principal({
      subject: userId,
      kind: "user",
      method: "basic",
      credentialId: userId,
      roles: found.roles,
      authenticatedAt: attempt.at,
      assurance: { acr: undefined, amr: ["pwd"] },
      claims: { email },
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: parts.cacheMs === 0 ? 0 : attempt.at + parts.cacheMs,
    provenEachTime: true,
    inPerson: true,
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
}
