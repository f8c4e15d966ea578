import type { ActedBy, Refusal, RequestView } from "../../contracts/index.ts";
import { readCookie, sha256 } from "../../primitives/index.ts";
import { told } from "./issue.ts";
import type { SessionParts } from "./parts.ts";
import { isSessionToken } from "./read.ts";
import type { StoredSession } from "./record.ts";
import { sessionRefusals } from "./refusals.ts";

/** The digest of the session cookie of a request, where nothing else is asked of it; undefined: there is none. */
export function presentedDigest(view: RequestView, parts: SessionParts): string | undefined | Refusal {
  const value = readCookie(view.header("cookie"), parts.cookie.name);
  if (value === false) return sessionRefusals.several({ detail: `several ${parts.cookie.name} cookies` });
  return value === undefined || !isSessionToken(value) ? undefined : sha256(value);
}

/**
 * What ends the session with this digest; it answers false where there is none. Called again after a failure it goes on with the
 * session that it found, which the digest may lead to no more.
 */
export function endOfPresented(digest: string, by: Pick<ActedBy, "origin">, { shelf, clock }: SessionParts): () => Promise<boolean> {
  let found: StoredSession | undefined;
  return async () => {
    found ??= await shelf.find(digest);
    if (found === undefined || found.revokedAt !== undefined) return false;
    const whoever: ActedBy = { actor: found.userId, method: "session", origin: by.origin };
    return shelf.end(found.id, clock.now(), told("session.ended", found, whoever));
  };
}
