import {
  type Attempt,
  type Credential,
  isRefusal,
  type MaybePromise,
  type OwnerState,
  principal,
  type Refusal,
  type SignIn,
  type Verified,
} from "../../contracts/index.ts";
import { originOf } from "../../http/index.ts";
import { userAndPassword } from "./read.ts";
import { basicRefusals } from "./refusals.ts";

/** A client with a secret, which acts in its own name; what it is registered for. */
export interface ClientState {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** When this may be another answer by itself: a secret that was replaced runs out. */
  readonly until: number;
}

export interface VerifyParts {
  readonly signIn: SignIn;
  /** Whether this is a secret of the client of this id, which may act in its own name. Rejects with a Fault when it cannot know. */
  readonly clientOf: (id: string, secret: string, at: number) => MaybePromise<ClientState | Refusal>;
  readonly stateOf: (userId: string) => MaybePromise<OwnerState>;
  /** How long a right password is remembered. */
  readonly cacheMs: number;
}

/**
 * Judges a password by the one way in: its limits apply, and it costs the same whether or not there is such a user. The id of a
 * client (`cli_…`, which no address is) comes with its secret instead.
 */
export async function verifyBasic(credential: Credential, attempt: Attempt, parts: VerifyParts): Promise<Verified | Refusal> {
  const presented = userAndPassword(credential.secret.reveal());
  if (isRefusal(presented)) return presented;
  const { user, password } = presented;
  if (user.startsWith("cli_") && !user.includes("@")) return verifyClient(user, password, attempt, parts);
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

/** A client in its own name: delegated to nobody and nobody in person, so its scopes are what it may. */
async function verifyClient(id: string, secret: string, { at }: Attempt, parts: VerifyParts): Promise<Verified | Refusal> {
  const client = await parts.clientOf(id, secret, at);
  if (isRefusal(client)) return basicRefusals["client-refused"]({ about: { subject: id.slice(0, 200) }, detail: client.detail });
  return {
    principal: principal({
      subject: client.id,
      kind: "client",
      method: "basic",
      credentialId: client.id,
      scopes: client.scopes,
      roles: client.roles,
      authenticatedAt: at,
    }),
    sessionId: undefined,
    grantId: undefined,
    cacheUntil: parts.cacheMs === 0 ? 0 : Math.min(at + parts.cacheMs, client.until),
    provenEachTime: true,
    allowedAddresses: undefined,
    rateLimit: undefined,
  };
}
