/** What a route asks of the caller, checked and compiled once when the guard is built. */
export interface RuleOptions {
  /** Names of the methods that may be used here. Default: every configured one. */
  readonly methods?: readonly string[];
  /** All of these scopes. */
  readonly scopes?: readonly string[];
  /** At least one of these roles. */
  readonly roles?: readonly string[];
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
  readonly assurance: string | undefined;
  readonly maxAgeMs: number | undefined;
  readonly rateLimit: Limit | undefined;
}

/** At most `count` in each window of `windowMs`. */
export interface Limit {
  readonly count: number;
  readonly windowMs: number;
}
