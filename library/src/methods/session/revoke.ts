import type { ActedBy } from "../../contracts/index.ts";
import { told } from "./issue.ts";
import type { SessionParts } from "./parts.ts";

/** Ends a session: refused from the next request on here, within a second elsewhere, and for ever. False: there was none. */
export async function revokeSession(id: string, by: ActedBy, { shelf, clock }: SessionParts): Promise<boolean> {
  const session = await shelf.get(id);
  if (session === undefined) return false;
  return shelf.end(id, clock.now(), told("session.ended", session, by));
}

/** Ends all sessions of a user, or all but one; how many. */
export function revokeSessions(userId: string, exceptId: string | undefined, by: ActedBy, { shelf, clock }: SessionParts): Promise<number> {
  return shelf.endAll(userId, exceptId, clock.now(), told("session.ended", { userId }, by));
}
