import type { Method } from "../../contracts/index.ts";
import { readSession } from "./read.ts";
import { type VerifyParts, verifySession } from "./verify.ts";

/** The gate's side of sessions. Ambient: the browser sends the cookie by itself, so anything explicit wins over it. */
export function sessionMethod(parts: VerifyParts & { readonly cookieName: string }): Method {
  return {
    name: "session",
    ambient: true,
    reusable: true,
    queryParameters: ["latchkey", "__host-latchkey"],
    read: (view) => readSession(view, parts.cookieName),
    verify: (credential, attempt) => verifySession(credential, attempt, parts),
    // There is no HTTP authentication scheme for it: people sign in on a page.
    challenge: () => undefined,
  };
}

/** How long a verified session may be remembered: a tenth of the idle time at most. */
export function sessionCacheMs(cacheMs: number, idleMs: number): number {
  return Math.min(cacheMs, Math.floor(idleMs / 10));
}
