import type { Kysely } from "kysely";
import {
  type ActedBy,
  type AuditTrail,
  type Clock,
  isRefusal,
  type Mail,
  type ProvenIdentity,
  type Refusal,
  type Store,
  UniqueViolation,
} from "../../contracts/index.ts";
import type { Sealer } from "../../primitives/index.ts";
import { rowOf } from "./record.ts";
import { identityRefusals } from "./refusals.ts";
import { findIdentity, type IdentityRow, type IdentityTables, listOfUser, touchIdentity } from "./table.ts";

/** A user as this room needs it. */
export interface JoiningUser {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly disabled: boolean;
}

export interface JoinParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly trail: AuditTrail;
  readonly sealer: Sealer;
  readonly mail: Mail;
  readonly findUser: (id: string) => Promise<JoiningUser | undefined>;
  readonly findByEmail: (email: string) => Promise<JoiningUser | undefined>;
  /** Makes a user whose address the provider has proved; a refusal where nobody may register. Rejects with a UniqueViolation. */
  readonly createUser: (email: string, by: ActedBy) => Promise<JoiningUser | Refusal>;
  /** What people call a provider. */
  readonly nameOf: (provider: string) => string;
}

/**
 * Whose account an identity is the way into. `userId`: who is signed in and connects it. Whom nobody knows gets an account,
 * or is joined to the one with the same address, but only where both have proved it: the provider says so, and the account was
 * confirmed here. Else whoever registered first with somebody's address would have that person's identity (account
 * pre-hijacking), or whoever typed an address at a provider would have that account.
 */
export type JoinIdentity = (identity: ProvenIdentity, by: ActedBy, userId?: string) => Promise<JoinedUser | Refusal>;

export interface JoinedUser {
  readonly userId: string;
  readonly email: string;
  /**
   * Resolves once the use of the identity is durable: await it before the answer. It may be awaited together with what else
   * is written for the same sign-in, which then shares its commit.
   */
  readonly noted: Promise<unknown>;
}

/** A user, and the write that notes the use of the identity, where one is under way. */
type Used = JoiningUser & { readonly noted?: Promise<unknown> };

export function createJoin(parts: JoinParts): JoinIdentity {
  const { store, clock, trail } = parts;
  const find = findIdentity(store);
  const touch = touchIdentity();

  async function used(row: IdentityRow, identity: ProvenIdentity): Promise<Used | Refusal> {
    const user = await parts.findUser(row.user_id);
    if (user === undefined || user.disabled) return identityRefusals["user-disabled"]({ detail: `${row.user_id} is gone or disabled` });
    const next = { ...rowOf(identity, row.user_id, clock.now(), parts.sealer.seal), linked_at: row.linked_at };
    return { ...user, noted: store.write<IdentityTables, unknown>((transaction) => touch(transaction, next)) };
  }

  /**
   * `told`: by a mail, since the account had another way in before. `byAddress`: the address alone says whose it is. Of those one
   * identity of a provider is written: of two that prove one address at the same moment, the later finds a UniqueViolation.
   */
  async function link(
    user: JoiningUser,
    identity: ProvenIdentity,
    by: ActedBy,
    { detail, told, byAddress }: { readonly detail: string; readonly told: boolean; readonly byAddress: boolean },
  ): Promise<Used | Refusal> {
    if (user.disabled) return identityRefusals["user-disabled"]({ detail: `${user.id} is disabled` });
    const row = { ...rowOf(identity, user.id, clock.now(), parts.sealer.seal), by_address: byAddress ? 1 : 0 };
    await store.write<IdentityTables, void>(async (transaction) => {
      await transaction.insertInto("latchkey_identity").values(row).execute();
      await record(transaction, user.id, identity, by, detail);
      if (told)
        await parts.mail.put(transaction, user.id, { about: "identity-linked", to: user.email, provider: parts.nameOf(identity.provider) });
    });
    return user;
  }

  function record(
    transaction: Kysely<IdentityTables>,
    userId: string,
    identity: ProvenIdentity,
    by: ActedBy,
    detail: string,
  ): Promise<void> {
    const told = `${identity.provider} ${identity.subject}: ${detail}`;
    return trail.record(transaction, {
      ...by,
      action: "identity.linked",
      outcome: "done",
      subject: userId,
      credentialId: undefined,
      detail: told,
    });
  }

  async function connect(row: IdentityRow | undefined, identity: ProvenIdentity, by: ActedBy, userId: string) {
    if (row !== undefined && row.user_id !== userId)
      return identityRefusals["linked-elsewhere"]({
        detail: `${identity.provider} ${identity.subject} is of ${row.user_id}, not ${userId}`,
      });
    if (row !== undefined) return used(row, identity);
    const user = await parts.findUser(userId);
    if (user === undefined) return identityRefusals["user-disabled"]({ detail: `${userId} is gone` });
    return link(user, identity, by, { detail: "connected by its user", told: true, byAddress: false });
  }

  async function enter(identity: ProvenIdentity, by: ActedBy): Promise<Used | Refusal> {
    const { email, emailVerified, provider } = identity;
    // Asked before anybody looks whether the address has an account: so nobody can ask that with a made-up address.
    if (email === undefined || !emailVerified)
      return identityRefusals["address-unproved"]({ detail: `${provider} proves no address of ${identity.subject}` });
    const holder = await parts.findByEmail(email);
    if (holder !== undefined && !holder.emailVerified)
      return identityRefusals["address-taken"]({ detail: `${holder.id} has the address, and nobody has confirmed it` });
    if (holder !== undefined) return joinHolder(holder, identity, by);
    const made = await parts.createUser(email, by);
    return isRefusal(made)
      ? made
      : link(made, identity, { ...by, actor: made.id }, { detail: "its first way in", told: false, byAddress: true });
  }

  /** The account with the same address, unless somebody else of this provider is its way in: there the address has moved to another person. */
  async function joinHolder(holder: JoiningUser, identity: ProvenIdentity, by: ActedBy): Promise<Used | Refusal> {
    const other = (await listOfUser(store.database<IdentityTables>(), holder.id)).find(({ provider }) => provider === identity.provider);
    if (other === undefined)
      return link(holder, identity, by, { detail: "both sides have proved the address", told: true, byAddress: true });
    // Another callback of the same person was faster.
    if (other.issuer === identity.issuer && other.subject === identity.subject) return used(other, identity);
    return identityRefusals["other-linked"]({ detail: `${holder.id} has ${other.provider} ${other.subject}, not ${identity.subject}` });
  }

  async function join(identity: ProvenIdentity, by: ActedBy, userId: string | undefined): Promise<Used | Refusal> {
    const row = await find(identity);
    if (userId !== undefined) return connect(row, identity, by, userId);
    return row === undefined ? enter(identity, by) : used(row, identity);
  }

  return async (identity, by, userId) => {
    const user = await again(3, () => join(identity, by, userId));
    return isRefusal(user) ? user : { userId: user.id, email: user.email, noted: user.noted ?? Promise.resolve() };
  };
}

/** Callbacks of one person at once: another one was first, and what it made is there when it is looked for again. */
async function again<Result>(times: number, attempt: () => Promise<Result>): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof UniqueViolation) || times === 0) throw error;
    return again(times - 1, attempt);
  }
}
