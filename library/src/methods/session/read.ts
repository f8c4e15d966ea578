import type { Credential, Refusal, RequestView } from "../../contracts/index.ts";
import { inspectToken, readCookie, Secret, tokenHint } from "../../primitives/index.ts";
import { sessionRefusals } from "./refusals.ts";

/** First part of the secret in the cookie. */
export const sessionPrefix = "ls";

/** Finds the session cookie. Two of one name are refused: one of them was set by somebody else. Syntax only. */
export function readSession(view: RequestView, cookieName: string): Credential | Refusal | undefined {
  const value = readCookie(view.header("cookie"), cookieName);
  if (value === undefined || value === "") return undefined;
  if (value === false) return sessionRefusals.several({ detail: `several ${cookieName} cookies` });
  return new PresentedSession(value);
}

/** A class only so that the hint, which a warm request never needs, is made when asked. */
class PresentedSession implements Credential {
  readonly method = "session";
  readonly secret: Secret;
  readonly scheme = undefined;

  constructor(token: string) {
    this.secret = new Secret(token);
  }

  get hint(): string {
    return isSessionToken(this.secret.reveal()) ? tokenHint(this.secret.reveal()) : "(not a session)";
  }
}

/** Whether a text can be the secret of a session at all. */
export function isSessionToken(text: string): boolean {
  return inspectToken(text, sessionPrefix) === "sound";
}
