import { Fault, isPromise, type Store } from "../contracts/index.ts";
import { roleChangeId, roleOf } from "./role.ts";
import type { AccountTables } from "./table.ts";

/** What every role may do, in memory: rules ask on each request, and must not wait. */
export interface RoleBook {
  /** Undefined: nobody said what this role may do. Throws a Fault while the roles could not be read. */
  permissionsOf(role: string): ReadonlySet<string> | undefined;
  /** Something changed somewhere: reads again when it was a role. */
  heard(changedId: string): void;
  /** Reads the roles. Resolves once what it read is what is answered; rejects with a Fault. */
  read(): Promise<void>;
}

export function createRoleBook(store: Store, onFault: (error: unknown) => void): RoleBook {
  const query = store.database<AccountTables>().selectFrom("latchkey_role").select(["name", "permissions"]);
  const all = store.prepare(query);
  let permissions = new Map<string, ReadonlySet<string>>();
  let unread = true;
  /** Of two readings under way, the older one may end last; it must not win. */
  let newest = 0;

  function take(rows: Awaited<ReturnType<typeof all>>, reading: number): void {
    if (reading !== newest) return;
    permissions = new Map(rows.map(roleOf).map((role) => [role.name, new Set(role.permissions)]));
    unread = false;
  }

  function read(): Promise<void> {
    const reading = (newest += 1);
    try {
      const rows = all();
      if (isPromise(rows)) return rows.then((list) => take(list, reading)).catch(failed);
      take(rows, reading);
      return Promise.resolve();
    } catch (error) {
      return failed(error);
    }
  }

  function failed(error: unknown): Promise<never> {
    unread = true;
    return Promise.reject(error);
  }

  return {
    permissionsOf(role) {
      if (unread) {
        read().catch(onFault);
        if (unread) throw new Fault("LATCHKEY_STORE_UNAVAILABLE", "What roles may do could not be read.");
      }
      return permissions.get(role);
    },
    heard(changedId) {
      if (changedId.startsWith(roleChangeId(""))) read().catch(onFault);
    },
    read,
  };
}
