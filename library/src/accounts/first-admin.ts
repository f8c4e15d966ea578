import type { Kysely } from "kysely";
import { type ActedBy, type AuditTrail, type Clock, isRefusal, type Refusal, type Store, UniqueViolation } from "../contracts/index.ts";
import { newId, randomBase62, sha256 } from "../primitives/index.ts";
import { byNobody, doneTo } from "./act.ts";
import { type User, userOf } from "./directory.ts";
import { normalizeEmail } from "./email.ts";
import type { Passwords } from "./passwords/index.ts";
import { accountRefusals } from "./refusals.ts";
import type { AccountTables } from "./table.ts";
import { putPassword, putRoles, userRow } from "./user-row.ts";

/** Who may operate everything. */
export const adminRole = "admin";

const invitationMs = 3_600_000;

/** What somebody sends who followed the link. Not yet believed, not yet of the right shape. */
export interface FirstAdminClaim {
  readonly token: unknown;
  readonly email: unknown;
  readonly password: unknown;
}

/** `auth.firstAdmin`: how the first operator gets in, where nobody is there who could let one in. */
export interface FirstAdmin {
  /**
   * The secret of a link, good for one account and one hour; an earlier one ends. Undefined: somebody who is not disabled
   * has the role `admin`, or the users are an app's own.
   */
  invite(by?: ActedBy): Promise<string | undefined>;
  /** Makes the account, with the role `admin`. Of many who come with one secret, one succeeds, and none once there is an admin. */
  create(claim: FirstAdminClaim, by?: ActedBy): Promise<User | Refusal>;
}

interface FirstAdminParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly passwords: Pick<Passwords, "choose">;
  readonly trail: AuditTrail;
  /** Whether the users are in our own table. */
  readonly own: boolean;
}

export function createFirstAdmin(parts: FirstAdminParts): FirstAdmin {
  const { store, clock, trail } = parts;

  async function create({ token, email, password }: FirstAdminClaim, by: ActedBy): Promise<User | Refusal> {
    const digest = typeof token === "string" && token.length <= 200 ? sha256(token) : "";
    // Before the password is hashed: that is work, and this is open to everybody.
    if (!(await stands(store.database<AccountTables>(), digest, clock.now()))) return refused("no such invitation in force", by);
    if (typeof email !== "string" || normalizeEmail(email) === undefined) return accountRefusals["email-invalid"]();
    const hash = await parts.passwords.choose(password, email);
    if (isRefusal(hash)) return hash;
    const at = clock.now();
    const row = userRow({ email }, newId("usr", at), at);
    const made = await store.write<AccountTables, boolean>(async (transaction) => {
      // Whoever takes the invitation out has it; of several at once the others find none.
      const taking = transaction.deleteFrom("latchkey_admin_invitation").where("digest", "=", digest).where("ends_at", ">", at);
      if ((await taking.executeTakeFirst()).numDeletedRows === 0n || (await isThere(transaction))) return false;
      await transaction.insertInto("latchkey_user").values(row).execute();
      await putPassword(transaction, row.id, hash, at);
      await putRoles(transaction, row.id, [adminRole], at);
      const actor = { ...by, actor: row.id, method: "invitation" };
      await trail.record(transaction, doneTo("user.created", row.id, actor, `roles ${adminRole}, by the link of the first start`));
      return true;
    });
    return made ? userOf(row)! : refused("another one was faster", by);
  }

  function refused(detail: string, by: ActedBy): Refusal {
    const refusal = accountRefusals["invitation-invalid"]({ detail });
    trail.note({ ...doneTo("sign-in.refused", undefined, by, detail), outcome: refusal.code });
    return refusal;
  }

  return {
    async invite(by = byNobody) {
      if (!parts.own || (await isThere(store.database<AccountTables>()))) return undefined;
      const token = randomBase62(43);
      const row = { place: 1, digest: sha256(token), ends_at: clock.now() + invitationMs };
      await store.write<AccountTables, void>(async (transaction) => {
        const putting = transaction.insertInto("latchkey_admin_invitation").values(row);
        await putting.onConflict((conflict) => conflict.column("place").doUpdateSet(row)).execute();
        await trail.record(transaction, doneTo("admin.invited", undefined, by));
      });
      return token;
    },
    async create(claim, by = byNobody) {
      try {
        return await create(claim, by);
      } catch (error) {
        // Who holds the link may know that the address is taken: it is theirs, or they choose another.
        if (error instanceof UniqueViolation) return accountRefusals["email-taken"]();
        throw error;
      }
    },
  };
}

async function stands(database: Kysely<AccountTables>, digest: string, at: number): Promise<boolean> {
  const query = database.selectFrom("latchkey_admin_invitation").select("place").where("digest", "=", digest).where("ends_at", ">", at);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Whether somebody is there who may operate everything. */
async function isThere(database: Kysely<AccountTables>): Promise<boolean> {
  const query = database
    .selectFrom("latchkey_role_grant")
    .innerJoin("latchkey_user", "latchkey_user.id", "latchkey_role_grant.subject_id")
    .select("latchkey_user.id")
    .where("role", "=", adminRole)
    .where("disabled_at", "is", null);
  return (await query.limit(1).executeTakeFirst()) !== undefined;
}
