import type { Kysely } from "kysely";
import type { Clock, Store } from "../contracts/index.ts";
import { type Changes, recordChange } from "../policies/revocation/index.ts";

/** Runs a job in a transaction that tells every node of these changes, when it answers true. */
export type ChangeMany = <Tables>(
  changedIds: string | readonly string[],
  job: (transaction: Kysely<Tables>) => Promise<boolean>,
) => Promise<boolean>;

/** Runs a job that may make verified answers stale, and tells this node and the others when it did. */
export function changeThrough(store: Store, changes: Changes, clock: Clock): ChangeMany {
  return async function change<Tables>(changedIds: string | readonly string[], job: (transaction: Kysely<Tables>) => Promise<boolean>) {
    const ids = typeof changedIds === "string" ? [changedIds] : changedIds;
    const changed = await store.write<Tables, boolean>(async (transaction) => {
      const done = await job(transaction);
      if (done) for (const id of ids) await recordChange(store, transaction as Kysely<unknown>, id, clock.now());
      return done;
    });
    if (changed) for (const id of ids) changes.apply(id);
    return changed;
  };
}
