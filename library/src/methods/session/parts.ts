import type { Clock, MaybePromise, OwnerState } from "../../contracts/index.ts";
import type { CookieForm } from "../../primitives/index.ts";
import type { SessionTimes } from "./record.ts";
import type { SessionShelf } from "./shelf.ts";

/** What making, renewing and ending sessions stand on. */
export interface SessionParts {
  readonly shelf: SessionShelf;
  readonly clock: Clock;
  readonly times: SessionTimes;
  readonly cookie: CookieForm;
  /** `live` or `test`: the second part of every secret. */
  readonly environment: string;
  /** Most sessions of one user; the longest unseen ends when another begins. */
  readonly mostPerUser: number;
  readonly personState: (userId: string) => MaybePromise<OwnerState>;
}
