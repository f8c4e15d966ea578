import type { Clock, Store } from "../../contracts/index.ts";
import type { DerivedKey } from "../../primitives/index.ts";
import type { AuditEvent } from "./event.ts";
import { type AuditFilter, exportEvents, listEvents } from "./list.ts";
import { removeOlder } from "./retention.ts";
import { verifyStore } from "./verify.ts";
import type { ChainVerdict } from "./verify-chain.ts";

/** `auth.audit`: every act and every refused attempt, as the operator reads them. */
export interface AuditLog {
  /** Newest first, at most `limit` (100); `after` is the id of the event to go on from. */
  list(filter?: AuditFilter & { readonly limit?: number }): Promise<readonly AuditEvent[]>;
  /**
   * Every event as a line of JSON (NDJSON), oldest first, read page by page. With `after` the newest id that was shipped,
   * only what came since.
   */
  export(filter?: AuditFilter): AsyncIterable<string>;
  /** Whether nothing was edited, removed, put in or cut off since it was written; names the first row that is wrong. */
  verify(): Promise<ChainVerdict>;
  /** Removes what is older than `audit.keep` now, as happens every hour, and answers how many events that were. */
  removeOld(): Promise<number>;
  /** What was lost because too much was waiting to be written: for a metric. */
  readonly lost: { readonly events: number; readonly uses: number };
}

interface LogParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: readonly [DerivedKey, ...DerivedKey[]];
  readonly keepMs: number | undefined;
  readonly flush: () => Promise<void>;
  readonly lost: () => AuditLog["lost"];
}

export function createLog({ store, clock, keys, keepMs, flush, lost }: LogParts): AuditLog {
  return {
    get lost() {
      return lost();
    },
    async list({ limit = 100, ...filter } = {}) {
      await flush();
      return listEvents(store, filter, { order: "desc", limit: Math.min(Math.max(limit, 1), 1_000) });
    },
    async *export(filter = {}) {
      await flush();
      yield* exportEvents(store, filter);
    },
    async verify() {
      await flush();
      return verifyStore(store, keys);
    },
    async removeOld() {
      await flush();
      return keepMs === undefined ? 0 : removeOlder(store, clock.now() - keepMs, keys[0]);
    },
  };
}
