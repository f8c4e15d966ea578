import type { Principal } from "./principal.ts";
import type { MaybePromise } from "./promise.ts";
import type { RequestView } from "./request.ts";

/**
 * What a route asks of the caller, checked and compiled once when the guard is built. `Resource` is what `resource` finds
 * and `can` is asked about.
 */
export interface RuleOptions<Resource = RequestView> {
  /** Names of the methods that may be used here. Default: every configured one. */
  readonly methods?: readonly string[];
  /** All of these scopes. */
  readonly scopes?: readonly string[];
  /** At least one of these roles. */
  readonly roles?: readonly string[];
  /** One of the caller's roles gives this permission, e.g. `"posts:delete"`; compared for equality. See `auth.roles.set`. */
  readonly permission?: string;
  /**
   * Whether this caller may do this to this very thing: asked last, of a caller who passed everything else. Only `true`
   * lets it in. What it throws is a fault, and so is silence for ten seconds.
   */
  readonly can?: (principal: Principal, action: string, resource: Resource) => MaybePromise<boolean>;
  /** What `can` is told as the action. Default: the rule's permission, else the method of the request. */
  readonly action?: string;
  /** Finds what `can` is asked about; undefined or null: nothing is there, and nobody may. Default: the request itself. */
  readonly resource?: (view: RequestView) => MaybePromise<Resource | undefined | null>;
  /** At least this authentication context class, e.g. `"mfa"`; compared for equality. */
  readonly assurance?: string;
  /** The caller proved its identity at most this long ago: `"10m"`. */
  readonly maxAge?: string;
  /** At most this many requests of one caller on this rule: `"100/1m"`. */
  readonly rateLimit?: string;
}

/** A compiled rule. Its counters and its challenge belong to it, so build it once per route. */
export interface Rule {
  /** Unique in this process; the key of the rule's own rate limit. */
  readonly id: string;
  /** Undefined: every configured method. */
  readonly methods: readonly string[] | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly permission: string | undefined;
  readonly can: CanQuestion | undefined;
  readonly assurance: string | undefined;
  readonly maxAgeMs: number | undefined;
  readonly rateLimit: Limit | undefined;
}

/** At most `count` in each window of `windowMs`. */
export interface Limit {
  readonly count: number;
  readonly windowMs: number;
}

/** `can` of a rule, with what it is asked about. */
export interface CanQuestion {
  /** Undefined: the method of the request. */
  readonly action: string | undefined;
  readonly resource: (view: RequestView) => MaybePromise<unknown>;
  readonly may: (principal: Principal, action: string, resource: unknown) => MaybePromise<unknown>;
}
