import {
  type ActedBy,
  type AuditTrail,
  type Clock,
  OptionFault,
  type OwnerStates,
  type Principal,
  type Store,
} from "../contracts/index.ts";
import { isId, isRoleName, roleForm } from "../primitives/index.ts";
import { byNobody, doneTo } from "./act.ts";
import type { Change } from "./change.ts";
import { type Role, roleChangeId, roleOf } from "./role.ts";
import type { RoleBook } from "./role-book.ts";
import type { AccountTables } from "./table.ts";

/** `auth.roles`. A change holds from the next request on, on other nodes within a second. `by`: who does it, for the audit. */
export interface Roles {
  /** Says what a role may do, and makes it if it is not there. What it could before and is not in the list, it cannot any more. */
  set(name: string, permissions: readonly string[], by?: ActedBy): Promise<Role>;
  find(name: string): Promise<Role | undefined>;
  list(): Promise<readonly Role[]>;
  /** Gives a role to a user or client. False: it has it already. Throws an OptionFault when there is no such user. */
  grant(subjectId: string, role: string, by?: ActedBy): Promise<boolean>;
  /** False: it did not have it. */
  revoke(subjectId: string, role: string, by?: ActedBy): Promise<boolean>;
  /** Deletes a role and takes it from all who have it. False: there is no such role. Stopped halfway, do it again. */
  remove(name: string, by?: ActedBy): Promise<boolean>;
  /** Whether one of the caller's roles gives this permission: what a rule's `permission` asks, for use inside a route. */
  permits(principal: Pick<Principal, "roles">, permission: string): boolean;
  /** Roles granted here to a user or client. */
  of(subjectId: string): Promise<readonly string[]>;
}

interface RoleParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly change: Change;
  readonly stateOf: OwnerStates;
  readonly trail: AuditTrail;
  readonly book: RoleBook;
}

export function createRoles({ store, clock, change, stateOf, trail, book }: RoleParts): Roles {
  const database = store.database<AccountTables>();
  const withdraw: Roles["revoke"] = (subjectId, role, by = byNobody) =>
    change(subjectId, async (transaction) => {
      const removing = transaction.deleteFrom("latchkey_role_grant").where("subject_id", "=", subjectId);
      const result = await removing.where("role", "=", role).executeTakeFirst();
      if (result.numDeletedRows !== 1n) return false;
      await trail.record(transaction, doneTo("role.withdrawn", subjectId, by, role));
      return true;
    });

  return {
    async set(name, permissions, by = byNobody) {
      const role: Role = { name: checkName("role", name), permissions: checkPermissions(permissions) };
      const row = { name, permissions: JSON.stringify(role.permissions), updated_at: clock.now() };
      await change(roleChangeId(name), async (transaction) => {
        const putting = transaction.insertInto("latchkey_role").values(row);
        await putting.onConflict((conflict) => conflict.column("name").doUpdateSet(row)).execute();
        await trail.record(transaction, doneTo("role.set", undefined, by, `${name}: ${role.permissions.join(" ")}`));
        return true;
      });
      // The next request on this node is judged by what was just said.
      await book.read();
      return role;
    },
    async find(name) {
      const row = await database.selectFrom("latchkey_role").selectAll().where("name", "=", name).executeTakeFirst();
      return row === undefined ? undefined : roleOf(row);
    },
    list: () => listRoles(store),
    async grant(subjectId, role, by = byNobody) {
      checkName("role", role);
      await requireSubject(subjectId, stateOf);
      const row = { subject_id: subjectId, role, granted_at: clock.now() };
      return change(subjectId, async (transaction) => {
        const putting = transaction.insertInto("latchkey_role_grant").values(row);
        const result = await putting.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
        if (result.numInsertedOrUpdatedRows !== 1n) return false;
        await trail.record(transaction, doneTo("role.granted", subjectId, by, role));
        return true;
      });
    },
    revoke: withdraw,
    permits: ({ roles }, permission) => roles.some((role) => book.permissionsOf(role)?.has(permission) === true),
    async remove(name, by = byNobody) {
      const holders = await database.selectFrom("latchkey_role_grant").select("subject_id").where("role", "=", name).execute();
      for (const { subject_id: holder } of holders) await withdraw(holder, name, by);
      const removed = await change(roleChangeId(name), async (transaction) => {
        const { numDeletedRows } = await transaction.deleteFrom("latchkey_role").where("name", "=", name).executeTakeFirst();
        if (numDeletedRows === 0n && holders.length === 0) return false;
        await trail.record(transaction, doneTo("role.removed", undefined, by, name));
        return true;
      });
      await book.read();
      return removed;
    },
    async of(subjectId) {
      const query = database.selectFrom("latchkey_role_grant").select("role").where("subject_id", "=", subjectId);
      return (await query.orderBy("role").execute()).map(({ role }) => role);
    },
  };
}

/** What was defined, and what was granted before anybody said what it may do: that is a role too. */
async function listRoles(store: Store): Promise<readonly Role[]> {
  const database = store.database<AccountTables>();
  const [rows, granted] = await Promise.all([
    database.selectFrom("latchkey_role").selectAll().orderBy("name").execute(),
    database.selectFrom("latchkey_role_grant").select("role").distinct().execute(),
  ]);
  const known = new Set(rows.map((row) => row.name));
  const bare = granted.filter(({ role }) => !known.has(role)).map(({ role }): Role => ({ name: role, permissions: [] }));
  return [...rows.map(roleOf), ...bare].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

async function requireSubject(subjectId: string, stateOf: OwnerStates): Promise<void> {
  const problem = {
    got: subjectId,
    allowed: "the id of an existing user or of a client; a key gets its roles when it is made",
    example: '"usr_…"',
  };
  if (typeof subjectId !== "string" || isId(subjectId, "key")) throw new OptionFault("subject", problem);
  if (!isId(subjectId, "cli") && (await stateOf(subjectId)).state === "unknown") throw new OptionFault("subject", problem);
}

function checkPermissions(permissions: readonly string[]): readonly string[] {
  if (!Array.isArray(permissions) || permissions.length > 1_000)
    throw new OptionFault("permissions", { got: permissions, allowed: "a list of at most 1000 names", example: '["posts:delete"]' });
  return [...new Set(permissions.map((permission) => checkName("permissions", permission as string)))].toSorted();
}

function checkName(option: string, name: string): string {
  if (typeof name !== "string" || !isRoleName(name))
    throw new OptionFault(option, { got: name, allowed: roleForm, example: '"posts:delete"' });
  return name;
}
