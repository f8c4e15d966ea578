import { type Answer, type Clock, isPromise, type MaybePromise, OptionFault, type Principal } from "../../contracts/index.ts";

/** A short-lived JWT that stands for a principal behind the proxy. */
export interface InternalToken {
  readonly token: string;
  readonly expiresAt: number;
}

interface IdentityParts {
  readonly clock: Clock;
  readonly lifeMs: number;
  /** Synchronous on a warm node. Rejects, or throws, with an OptionFault for somebody for whom no token can be made. */
  readonly issue: (principal: Principal) => MaybePromise<InternalToken>;
}

interface Known {
  readonly answer: Answer;
  readonly renewAt: number;
}

/**
 * Who it is, as headers for the API behind the proxy. A principal never changes, so its answer is written once and kept
 * as long as the guard remembers it; its token is made anew when a quarter of its life is left.
 */
export function identityAnswers({ clock, lifeMs, issue }: IdentityParts): (principal: Principal) => MaybePromise<Answer> {
  const known = new WeakMap<Principal, Known>();

  function keep(principal: Principal, token: InternalToken | undefined, at: number): Answer {
    const answer: Answer = { status: 200, headers: identityHeaders(principal, token?.token), body: "" };
    known.set(principal, { answer, renewAt: Math.min(at + (lifeMs * 3) / 4, (token?.expiresAt ?? Infinity) - lifeMs / 4) });
    return answer;
  }

  return (principal) => {
    const at = clock.now();
    const before = known.get(principal);
    if (before !== undefined && at < before.renewAt) return before.answer;
    const token = issueIfPossible(issue, principal);
    return isPromise(token) ? token.then((made) => keep(principal, made, at)) : keep(principal, token, at);
  };
}

/** Somebody of another issuer has no user here to be asked about, so there is no token of ours for it: the headers say who it is. */
function issueIfPossible(issue: IdentityParts["issue"], principal: Principal): MaybePromise<InternalToken | undefined> {
  try {
    const token = issue(principal);
    return isPromise(token) ? token.catch(without) : token;
  } catch (error) {
    return without(error);
  }
}

function without(error: unknown): undefined {
  if (!(error instanceof OptionFault)) throw error;
}

/** All of them always, so that a proxy which copies what is there cannot leave one of the client's own. */
function identityHeaders(principal: Principal, token: string | undefined): Answer["headers"] {
  return {
    "cache-control": "no-store",
    "x-auth-subject": headerText(principal.subject),
    "x-auth-method": headerText(principal.method),
    "x-auth-scopes": principal.scopes.map(headerText).join(" "),
    "x-auth-roles": principal.roles.map(headerText).join(" "),
    authorization: token === undefined ? "" : `Bearer ${token}`,
  };
}

/**
 * Visible ASCII, and everything else (spaces, line ends, other alphabets, `%` itself) as the percent-encoded bytes of its
 * UTF-8. Left out instead, two subjects could come out alike.
 */
export function headerText(text: string): string {
  if (/^[!-$&-~]*$/.test(text)) return text;
  return [...Buffer.from(text, "utf8")]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x25 ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`,
    )
    .join("");
}
