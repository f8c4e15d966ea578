import type { Kysely } from "kysely";
import {
  type ActedBy,
  type AuditTrail,
  type Clock,
  type Ephemeral,
  type ProviderTokens,
  type Refusal,
  type Store,
} from "../../contracts/index.ts";
import type { Sealer } from "../../primitives/index.ts";
import { createProviderTokens } from "./provider-tokens.ts";
import { type IdentityRecord, recordOf } from "./record.ts";
import { identityRefusals } from "./refusals.ts";
import { type IdentityTables, listOfUser } from "./table.ts";

/** `auth.identities`: who people are elsewhere. */
export interface Identities {
  list(userId: string): Promise<readonly IdentityRecord[]>;
  /** Ends this way in; a refusal where there is none, or where it is the last. `by` is for the audit. */
  unlink(userId: string, provider: string, by?: ActedBy): Promise<Refusal | undefined>;
  /**
   * What the provider gave for calls in the person's name, fresh: where it has expired it is renewed first, once for all who
   * wait, on whatever node. Undefined: there is none, or the person must sign in there again. Rejects with a Fault when the
   * provider does not answer.
   */
  accessToken(userId: string, provider: string): Promise<string | undefined>;
}

export interface IdentityParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly ephemeral: Ephemeral;
  readonly trail: AuditTrail;
  readonly sealer: Sealer;
  /** Whether the user can come in without any of these, by a password. Asked in the transaction. */
  readonly hasPassword: (transaction: Kysely<IdentityTables>, userId: string) => Promise<boolean>;
  /** Renews the tokens at the provider; undefined: it will not, and the person must sign in again. */
  readonly renew: (provider: string, tokens: ProviderTokens) => Promise<ProviderTokens | undefined>;
}

const byNobody: ActedBy = { actor: undefined, method: undefined, origin: undefined };

export function createIdentities(parts: IdentityParts): Identities & { unlinkAll(userId: string, by: ActedBy): Promise<void> } {
  const { store, trail, hasPassword } = parts;
  const database = store.database<IdentityTables>();
  const told = (userId: string, by: ActedBy, detail: string) =>
    ({ ...by, action: "identity.unlinked", outcome: "done", subject: userId, credentialId: undefined, detail }) as const;

  return {
    list: async (userId) => (await listOfUser(database, userId)).map(recordOf),
    accessToken: createProviderTokens(parts),
    unlink: (userId, provider, by = byNobody) =>
      store.write<IdentityTables, Refusal | undefined>(async (transaction) => {
        // Takes hold of all of them, so that two at once cannot each think that the other one stays.
        await transaction
          .updateTable("latchkey_identity")
          .set((row) => ({ linked_at: row.ref("linked_at") }))
          .where("user_id", "=", userId)
          .execute();
        const all = await listOfUser(transaction, userId);
        const one = all.find((row) => row.provider === provider);
        if (one === undefined) return identityRefusals["not-found"]();
        if (all.length === 1 && !(await hasPassword(transaction, userId))) return identityRefusals["last-way-in"]();
        await transaction.deleteFrom("latchkey_identity").where("user_id", "=", userId).where("provider", "=", provider).execute();
        await trail.record(transaction, told(userId, by, `${provider} ${one.subject}`));
        return undefined;
      }),
    unlinkAll: (userId, by) =>
      store.write<IdentityTables, void>(async (transaction) => {
        for (const { provider, subject } of await listOfUser(transaction, userId))
          await trail.record(transaction, told(userId, by, `${provider} ${subject}`));
        await transaction.deleteFrom("latchkey_identity").where("user_id", "=", userId).execute();
      }),
  };
}
