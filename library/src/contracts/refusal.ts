import type { RateLimitState } from "./rate-limit-state.ts";

/**
 * A refusal is a value: the caller is not let in. (A fault is thrown: the house is broken. They never mix.)
 * Each room declares its closed list of codes with `defineRefusals`; `docs/reference/codes.md` lists them all.
 */
export type RefusalStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 429;

export interface RefusalKind {
  readonly status: RefusalStatus;
  /** One sentence for the client. It never tells unknown from wrong or revoked. */
  readonly title: string;
  /** The code the client sees, where it must know less than the operator. Default: the code itself. */
  readonly publicCode?: string;
  /** `error` of RFC 6750 s.3.1 or RFC 9449 s.7.1, for the challenge of the scheme by which the token came. */
  readonly bearerError?:
    | "invalid_request"
    | "invalid_token"
    | "insufficient_scope"
    | "insufficient_user_authentication"
    | "invalid_dpop_proof"
    | "use_dpop_nonce";
}

export interface Refusal {
  readonly refused: true;
  /** What the operator sees, e.g. `api-key.revoked`. */
  readonly code: string;
  readonly publicCode: string;
  readonly status: RefusalStatus;
  readonly title: string;
  readonly bearerError: RefusalKind["bearerError"];
  /** For the audit and `explain` only: what was wrong with what. Never a secret. */
  readonly detail: string | undefined;
  /** Of which credential and whom, where that is known although nobody was let in: for the audit only. */
  readonly about: RefusedAbout | undefined;
  /** For the client: which part was wrong and what is allowed. Becomes the problem's `detail`. */
  readonly hint: string | undefined;
  /** Further parameters of the challenge, e.g. `scope` (RFC 6750 s.3) or `max_age` (RFC 9470 s.3). */
  readonly challengeParameters: Readonly<Record<string, string>> | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Further fields of the answer, by lower-case names, e.g. `dpop-nonce`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** State of the limit that refused, for the `RateLimit` fields. */
  readonly rateLimit: RateLimitState | undefined;
}

export interface RefusedAbout {
  readonly credentialId?: string | undefined;
  readonly subject?: string | undefined;
}

type RefusalFacts = Partial<
  Pick<Refusal, "detail" | "about" | "hint" | "challengeParameters" | "retryAfterSeconds" | "headers" | "rateLimit">
>;

/** A maker of refusals of one code. */
export interface RefusalMaker {
  (facts?: RefusalFacts): Refusal;
  readonly code: string;
  readonly kind: RefusalKind;
}

/**
 * Declares the closed list of refusals of a room.
 *
 *     const refusals = defineRefusals("api-key", { expired: { status: 401, title: "…" } });
 *     return refusals.expired({ detail: "expired on …" });
 */
export function defineRefusals<const T extends Record<string, RefusalKind>>(
  area: string,
  kinds: T,
): { readonly [Name in keyof T]: RefusalMaker } {
  const makers: Record<string, RefusalMaker> = {};
  for (const [name, kind] of Object.entries(kinds)) makers[name] = refusalMaker(`${area}.${name}`, kind);
  return makers as { readonly [Name in keyof T]: RefusalMaker };
}

function refusalMaker(code: string, kind: RefusalKind): RefusalMaker {
  const make = (facts: RefusalFacts = {}): Refusal => ({
    refused: true,
    code,
    publicCode: kind.publicCode ?? code,
    status: kind.status,
    title: kind.title,
    bearerError: kind.bearerError,
    detail: facts.detail,
    about: facts.about,
    hint: facts.hint,
    challengeParameters: facts.challengeParameters,
    retryAfterSeconds: facts.retryAfterSeconds,
    headers: facts.headers,
    rateLimit: facts.rateLimit,
  });
  return Object.assign(make, { code, kind });
}

/** Whether a result is a refusal. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && (value as Refusal).refused === true;
}
