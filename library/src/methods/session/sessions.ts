import type { ActedBy } from "../../contracts/index.ts";
import { createSessionData, type SessionDataStore } from "./data.ts";
import { issueSession, type NewSession } from "./issue.ts";
import type { SessionParts } from "./parts.ts";
import { type IssuedSession, recordOf, type SessionRecord } from "./record.ts";
import { revokeSession, revokeSessions } from "./revoke.ts";
import { type RenewedProof, rotateSession } from "./rotate.ts";

/** `auth.sessions`. `by` says who does it, for the audit, and from where; left out: the program itself. */
export interface Sessions {
  /** Signs somebody in. The secret and its cookie are in this answer only. Throws an OptionFault for who may not sign in. */
  create(options: NewSession, by?: ActedBy): Promise<IssuedSession>;
  /** In force, last seen first; to within a tenth of the idle time. */
  list(user: string): Promise<readonly SessionRecord[]>;
  find(id: string): Promise<SessionRecord | undefined>;
  /** A new secret under the same id, for a step-up or any change of what its holder may do; undefined: it has ended. */
  rotate(id: string, proof?: RenewedProof, by?: ActedBy): Promise<IssuedSession | undefined>;
  /** False when there was nothing to end. */
  revoke(id: string, by?: ActedBy): Promise<boolean>;
  /** All of this user but the one to keep; how many. */
  revokeOthers(user: string, keepId: string, by?: ActedBy): Promise<number>;
  revokeAll(user: string, by?: ActedBy): Promise<number>;
  /** What the app keeps for a session. */
  readonly data: SessionDataStore;
}

const byNobody: ActedBy = { actor: undefined, method: undefined, origin: undefined };

export function createSessions(parts: SessionParts & { readonly flush: () => Promise<void> }): Sessions {
  const { shelf, clock } = parts;
  /** In force: a session begun with a password that has changed since is of no more use. */
  const standing = async (user: string): Promise<SessionRecord[]> => {
    await parts.flush();
    const person = await parts.personState(user);
    if (person.state !== "active") return [];
    const since = person.passwordChangedAt ?? 0;
    const list = await shelf.list(user, clock.now());
    return list.filter(({ authenticatedAt }) => authenticatedAt >= since).map(recordOf);
  };
  return {
    create: (options, by = byNobody) => issueSession(options, by, parts),
    list: standing,
    async find(id) {
      const session = await shelf.get(id);
      if (session === undefined || session.revokedAt !== undefined) return undefined;
      return (await standing(session.userId)).find((record) => record.id === id);
    },
    rotate: (id, proof = {}, by = byNobody) => rotateSession(id, proof, by, parts),
    revoke: (id, by = byNobody) => revokeSession(id, by, parts),
    revokeOthers: (user, keepId, by = byNobody) => revokeSessions(user, keepId, by, parts),
    data: createSessionData(shelf),
    revokeAll: (user, by = byNobody) => revokeSessions(user, undefined, by, parts),
  };
}
