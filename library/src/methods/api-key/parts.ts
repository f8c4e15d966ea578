import type { Kysely } from "kysely";
import type { AuditTrail, Clock, Mail, MaybePromise, OwnerState, Store } from "../../contracts/index.ts";
import type { KeyForms } from "./read.ts";
import type { ApiKeyTables } from "./table.ts";

/** What issuing, rotating and revoking stand on. */
export interface KeyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly forms: KeyForms;
  /** `live` or `test`: the second part of every key. */
  readonly environment: string;
  readonly ownerState: (ownerId: string) => MaybePromise<OwnerState>;
  /** Throws an OptionFault for a list that cannot be used. */
  readonly checkAddresses: (list: readonly string[]) => unknown;
  readonly lastUses: (ids: readonly string[]) => Promise<ReadonlyMap<string, { readonly at: number; readonly address: string }>>;
  readonly trail: AuditTrail;
  /** Where the owner of a key gets mail; undefined: nowhere. Never rejects: a key ends, whoever can be told of it. */
  readonly mailboxOf: (ownerId: string) => Promise<string | undefined>;
  readonly mail: Pick<Mail, "put">;
  /**
   * Runs the job in a transaction that also records, when it answers true, that everything verified of this id is
   * stale; on this node from the moment it resolves.
   */
  readonly change: (changedId: string, job: (transaction: Kysely<ApiKeyTables>) => Promise<boolean>) => Promise<boolean>;
}
