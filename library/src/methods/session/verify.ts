import {
  type Attempt,
  type Credential,
  isPromise,
  type MaybePromise,
  type OwnerState,
  principal,
  type Refusal,
  type Verified,
} from "../../contracts/index.ts";
import { isSessionToken } from "./read.ts";
import type { SessionTimes, StoredSession } from "./record.ts";
import { sessionRefusals } from "./refusals.ts";
import type { SessionShelf } from "./shelf.ts";
import type { Sightings } from "./sightings.ts";

export interface VerifyParts {
  readonly shelf: SessionShelf;
  readonly sightings: Sightings;
  readonly times: SessionTimes;
  readonly personState: (userId: string) => MaybePromise<OwnerState>;
  /** Longest time a positive answer is remembered: well below the idle time, so that use keeps a session alive. */
  readonly cacheMs: number;
}

/**
 * Judges a session by the SHA-256 of its secret: 256 random bits, so the time of the look-up tells nothing. Roles are
 * those of now, never kept in the session. A secret that was not issued here is never taken on.
 */
export function verifySession(credential: Credential, attempt: Attempt, parts: VerifyParts): MaybePromise<Verified | Refusal> {
  if (!isSessionToken(credential.secret.reveal())) return sessionRefusals.damaged({ detail: "not the form of a session" });
  const found = parts.shelf.find(attempt.digest);
  return isPromise(found) ? found.then((session) => judge(session, attempt, parts)) : judge(found, attempt, parts);
}

function judge(session: StoredSession | undefined, attempt: Attempt, parts: VerifyParts): MaybePromise<Verified | Refusal> {
  const { at } = attempt;
  if (session === undefined) return sessionRefusals.unknown({ detail: "no such session: never was, renewed, or over for long" });
  const { id, revokedAt, expiresAt } = session;
  const about = { credentialId: id, subject: session.userId };
  if (revokedAt !== undefined) return sessionRefusals.revoked({ about, detail: `${id} was ended` });
  if (at >= expiresAt) return sessionRefusals.expired({ about, detail: `${id} ended at ${new Date(expiresAt).toISOString()}` });
  const endsAt = parts.sightings.endsAt(session);
  if (at >= endsAt) return sessionRefusals.idle({ about, detail: `${id} was not used until ${new Date(endsAt).toISOString()}` });
  const person = parts.personState(session.userId);
  return isPromise(person)
    ? person.then((state) => judgePerson(session, state, attempt, parts))
    : judgePerson(session, person, attempt, parts);
}

function judgePerson(session: StoredSession, person: OwnerState, attempt: Attempt, parts: VerifyParts): Verified | Refusal {
  const { id, userId } = session;
  const about = { credentialId: id, subject: userId };
  if (person.state === "unknown") return sessionRefusals["owner-gone"]({ about, detail: `user ${userId} of ${id} does not exist` });
  if (person.state === "disabled") return sessionRefusals["owner-disabled"]({ about, detail: `user ${userId} of ${id} is disabled` });
  // Also a sign-in that was under way when the password changed: it proved the old one.
  if (person.passwordChangedAt !== undefined && session.authenticatedAt < person.passwordChangedAt) {
    return sessionRefusals["password-changed"]({ about, detail: `${id} was begun with an older password` });
  }
  return verified(session, person.roles, attempt, parts);
}

function verified(session: StoredSession, roles: readonly string[], { at, address }: Attempt, parts: VerifyParts): Verified {
  const { id, userId, authenticatedAt, expiresAt, acr, amr } = session;
  const endsAt = Math.min(at + parts.times.idleMs, expiresAt);
  parts.sightings.note({ id, at, address, endsAt });
  return {
    principal: principal({
      subject: userId,
      kind: "user",
      method: "session",
      credentialId: id,
      roles,
      authenticatedAt,
      expiresAt,
      assurance: { acr, amr },
    }),
    sessionId: id,
    grantId: undefined,
    cacheUntil: Math.min(at + parts.cacheMs, endsAt),
    allowedAddresses: undefined,
    rateLimit: undefined,
    inPerson: true,
  };
}
