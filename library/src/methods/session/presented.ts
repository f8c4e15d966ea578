import type { ActedBy, Refusal, RequestView } from "../../contracts/index.ts";
import { readCookie, sha256 } from "../../primitives/index.ts";
import { told } from "./issue.ts";
import type { SessionParts } from "./parts.ts";
import { isSessionToken } from "./read.ts";
import { sessionRefusals } from "./refusals.ts";

/** The digest of the session cookie of a request, where nothing else is asked of it; undefined: there is none. */
export function presentedDigest(view: RequestView, parts: SessionParts): string | undefined | Refusal {
  const value = readCookie(view.header("cookie"), parts.cookie.name);
  if (value === false) return sessionRefusals.several({ detail: `several ${parts.cookie.name} cookies` });
  return value === undefined || !isSessionToken(value) ? undefined : sha256(value);
}

/** Ends the session with this digest; false: there was none. */
export async function endPresented(digest: string, by: Pick<ActedBy, "origin">, { shelf, clock }: SessionParts): Promise<boolean> {
  const session = await shelf.find(digest);
  if (session === undefined || session.revokedAt !== undefined) return false;
  const whoever: ActedBy = { actor: session.userId, method: "session", origin: by.origin };
  return shelf.end(session.id, clock.now(), told("session.ended", session, whoever));
}
