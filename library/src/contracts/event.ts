import type { Attempt, Verified } from "./method.ts";
import type { Principal } from "./principal.ts";
import type { RefusedAbout } from "./refusal.ts";

/** One decision of the guard, as the operator may see it. Holds no secret. */
export interface DecisionEvent {
  readonly requestId: string;
  readonly at: number;
  /** `allowed`, or the code of the refusal. */
  readonly outcome: string;
  /** For a refusal: what was wrong, for the operator only. */
  readonly detail: string | undefined;
  readonly httpMethod: string;
  /** Path only: a query may hold what somebody should not have put there. */
  readonly path: string;
  readonly address: string;
  readonly userAgent: string | undefined;
  /** Methods whose credentials were seen, in the order read, with what may be shown of them: `api-key lk_live_…`. */
  readonly seen: readonly string[];
  /** Checks in the order in which they ran; for a refusal the last one is the one that failed. */
  readonly checks: readonly string[];
  readonly fromCache: boolean;
  readonly principal: Principal | undefined;
  /** Where there is no principal: whose credential was refused, as far as that is known. */
  readonly about?: RefusedAbout | undefined;
}

/** Where the guard sends its decisions. Must not throw and must not wait. */
export interface EventSink {
  /**
   * An allowed request, in the form that costs least; rendered to a `DecisionEvent` only when somebody asks. `checks` is
   * one list for all of them.
   */
  allowed(attempt: Attempt, verified: Verified, fromCache: boolean, checks: readonly string[]): void;
  refused(event: DecisionEvent): void;
}
