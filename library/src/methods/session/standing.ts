import { type Clock, isPromise, type MaybePromise, type OwnerState } from "../../contracts/index.ts";
import type { StoredSession } from "./record.ts";
import type { SessionShelf } from "./shelf.ts";
import type { Sightings } from "./sightings.ts";

interface StandingParts {
  readonly shelf: Pick<SessionShelf, "get">;
  readonly sightings: Pick<Sightings, "endsAt">;
  readonly clock: Clock;
  readonly personState: (userId: string) => MaybePromise<OwnerState>;
}

/**
 * Whether a session stands, for what was made of it: neither ended nor over, its person active and with the password it was
 * begun with. On the way of every such token that is not remembered: one prepared look-up, and no flush of sightings.
 */
export function sessionStanding({ shelf, sightings, clock, personState }: StandingParts): (id: string) => MaybePromise<boolean> {
  const judge = (session: StoredSession | undefined): MaybePromise<boolean> => {
    if (session === undefined || session.revokedAt !== undefined) return false;
    if (clock.now() >= Math.min(sightings.endsAt(session), session.expiresAt)) return false;
    const person = personState(session.userId);
    return isPromise(person) ? person.then((state) => mayStand(state, session)) : mayStand(person, session);
  };
  return (id) => {
    const session = shelf.get(id);
    return isPromise(session) ? session.then(judge) : judge(session);
  };
}

function mayStand(person: OwnerState, { authenticatedAt }: StoredSession): boolean {
  return person.state === "active" && (person.passwordChangedAt === undefined || authenticatedAt >= person.passwordChangedAt);
}
