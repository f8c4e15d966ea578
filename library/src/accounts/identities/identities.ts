import type { Kysely } from "kysely";
import { type ActedBy, type AuditTrail, type Clock, type ProviderTokens, type Refusal, type Store } from "../../contracts/index.ts";
import type { Sealer } from "../../primitives/index.ts";
import { createProviderTokens } from "./provider-tokens.ts";
import { type IdentityRecord, recordOf } from "./record.ts";
import { identityRefusals } from "./refusals.ts";
import { deleteIdentity, type IdentityTables, listOfUser } from "./table.ts";

/** `auth.identities`: who people are elsewhere. */
export interface Identities {
  /** By provider, and of each the one that was used last first. */
  list(userId: string): Promise<readonly IdentityRecord[]>;
  /**
   * Ends this way in. A refusal where there is none, where it is the last, and where the user has several of the provider and
   * `subject` does not say which.
   */
  unlink(userId: string, provider: string, options?: UnlinkOptions): Promise<Refusal | undefined>;
  /**
   * What the provider gave for calls in the person's name, fresh: where it has expired it is renewed first, once for all who
   * wait, on whatever node. Of several identities of the provider it is that of `subject`, else of the one that was used last.
   * Undefined: there is none, or the person must sign in there again. Rejects with a Fault when the provider does not answer.
   */
  accessToken(userId: string, provider: string, options?: WhichIdentity): Promise<string | undefined>;
}

export interface WhichIdentity {
  /** Who it is at the provider, as `list` says. */
  readonly subject?: string | undefined;
}

export interface UnlinkOptions extends WhichIdentity {
  /** For the audit. */
  readonly by?: ActedBy;
}

export interface IdentityParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly sealer: Sealer;
  /** Whether the user can come in without any of these, by a password. Asked in the transaction. */
  readonly hasPassword: (transaction: Kysely<IdentityTables>, userId: string) => Promise<boolean>;
  /** Whether people can sign in by it: one that is configured no more is no way in. */
  readonly isConfigured: (provider: string) => boolean;
  /** Renews the tokens at the provider; undefined: it will not, and the person must sign in again. */
  readonly renew: (provider: string, tokens: ProviderTokens) => Promise<ProviderTokens | undefined>;
}

const byNobody: ActedBy = { actor: undefined, method: undefined, origin: undefined };

export function createIdentities(parts: IdentityParts): Identities & { unlinkAll(userId: string, by: ActedBy): Promise<void> } {
  const { store, trail, hasPassword, isConfigured } = parts;
  const database = store.database<IdentityTables>();
  const told = (userId: string, by: ActedBy, detail: string) =>
    ({ ...by, action: "identity.unlinked", outcome: "done", subject: userId, credentialId: undefined, detail }) as const;

  return {
    list: async (userId) => (await listOfUser(database, userId)).map(recordOf),
    accessToken: createProviderTokens(parts),
    unlink: (userId, provider, { subject, by = byNobody } = {}) =>
      store.write<IdentityTables, Refusal | undefined>(async (transaction) => {
        // Takes hold of all of them, so that two at once cannot each think that the other one stays.
        await transaction
          .updateTable("latchkey_identity")
          .set((row) => ({ linked_at: row.ref("linked_at") }))
          .where("user_id", "=", userId)
          .execute();
        const all = await listOfUser(transaction, userId);
        const meant = all.filter((row) => row.provider === provider && (subject === undefined || row.subject === subject));
        if (meant.length === 0) return identityRefusals["not-found"]();
        // One subject of several issuers, as tenants of one provider are, has one name here.
        if (meant.length > 1 && subject === undefined) return identityRefusals.several();
        const otherWay = all.some((row) => !meant.includes(row) && isConfigured(row.provider)) || (await hasPassword(transaction, userId));
        if (!otherWay) return identityRefusals["last-way-in"]();
        for (const row of meant) {
          await deleteIdentity(transaction, row);
          await trail.record(transaction, told(userId, by, `${provider} ${row.subject}`));
        }
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
