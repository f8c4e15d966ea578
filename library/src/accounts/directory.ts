import type { Kysely } from "kysely";
import { after, type MaybePromise, type Store } from "../contracts/index.ts";
import { normalizeEmail } from "./email.ts";
import type { AccountTables } from "./table.ts";

export interface User {
  readonly id: string;
  /** As the person wrote it. */
  readonly email: string;
  readonly emailVerified: boolean;
  readonly disabledAt: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Undefined where an app with users of its own does not say. */
  readonly createdAt: number | undefined;
  /** Roles that an app's own table gives, beside those granted here. */
  readonly ownRoles: readonly string[];
}

/** Where users are looked up: our own table, or the app's. */
export interface Directory {
  find(id: string): MaybePromise<User | undefined>;
  /** By any spelling of the address; undefined for what is no address. */
  findByEmail(email: string): MaybePromise<User | undefined>;
  /**
   * Whether the user is still there, asked in the transaction that is about to keep something of it. (What an app's own
   * table says cannot be part of it: there the answer is yes.)
   */
  stands(transaction: Kysely<AccountTables>, id: string): Promise<boolean>;
  /**
   * Makes this the address of the user, proved, in the transaction of the proof; false when its address is no longer `from`
   * (in its normal form). Throws a UniqueViolation when somebody else has it. Undefined where an app keeps the users itself.
   */
  readonly keepVerified?: (transaction: Kysely<AccountTables>, id: string, email: string, from: string) => Promise<boolean>;
  /** Tells the app the same, after the proof; it answers false when somebody has the address. Undefined: it does not want to know. */
  readonly tellVerified?: (id: string, email: string) => Promise<boolean>;
}

/** The users in `latchkey_user`. */
export function ownDirectory(store: Store): Directory {
  const users = store.database<AccountTables>().selectFrom("latchkey_user").selectAll();
  const findById = store.prepare(users.where("id", "=", ""), { atMostOne: true });
  const findByKey = store.prepare(users.where("email_key", "=", ""), { atMostOne: true });
  return {
    find: (id) => after(findById(id), ([row]) => userOf(row)),
    // What is no address is asked for too, as "": the answer takes as long as for an address that nobody has.
    findByEmail: (email) => after(findByKey(normalizeEmail(email) ?? ""), ([row]) => userOf(row)),
    keepVerified: async (transaction, id, email, from) => {
      const values = { email, email_key: normalizeEmail(email) ?? "", email_verified: 1 };
      const update = transaction.updateTable("latchkey_user").set(values).where("id", "=", id).where("email_key", "=", from);
      return (await update.executeTakeFirst()).numUpdatedRows === 1n;
    },
    stands: async (transaction, id) =>
      (await transaction.selectFrom("latchkey_user").select("id").where("id", "=", id).executeTakeFirst()) !== undefined,
  };
}

export function userOf(row: AccountTables["latchkey_user"] | undefined): User | undefined {
  return row === undefined
    ? undefined
    : {
        id: row.id,
        email: row.email,
        emailVerified: row.email_verified === 1,
        disabledAt: row.disabled_at ?? undefined,
        metadata: JSON.parse(row.metadata) as Record<string, unknown>,
        createdAt: row.created_at,
        ownRoles: [],
      };
}
