import type { Kysely } from "kysely";
import type { AccountTables } from "./table.ts";

/**
 * Runs a job in a transaction that also records, when it answers true, that everything verified of this id is stale: on
 * this node from the moment it resolves, on others within a second.
 */
export type Change = (changedId: string, job: (transaction: Kysely<AccountTables>) => Promise<boolean>) => Promise<boolean>;
