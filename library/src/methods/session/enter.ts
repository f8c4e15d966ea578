import type { ActedBy, Answer, RequestView, Refusal } from "../../contracts/index.ts";
import { isRefusal } from "../../contracts/index.ts";
import type { NewSession } from "./issue.ts";
import type { SessionParts } from "./parts.ts";
import { endOfPresented, presentedDigest } from "./presented.ts";
import type { Sessions } from "./sessions.ts";

/**
 * Begins a session in this browser for somebody who has just proved who it is, and answers the headers that set its cookie.
 * The browser's old session ends and the new one has a secret of its own, whatever cookie came along (session fixation).
 */
export type EnterSession = (view: RequestView, session: NewSession, by: ActedBy) => Promise<Answer["headers"] | Refusal>;

export function createEnterSession(parts: SessionParts & { readonly sessions: Sessions }): EnterSession {
  return async (view, session, by) => {
    const old = presentedDigest(view, parts);
    if (isRefusal(old)) return old;
    if (old !== undefined) await endOfPresented(old, by, parts)();
    const { cookie } = await parts.sessions.create(session, by);
    return { "set-cookie": cookie };
  };
}
