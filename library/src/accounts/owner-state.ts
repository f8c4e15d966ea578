import { isPromise, type MaybePromise, type Store } from "../contracts/index.ts";
import type { Directory } from "./directory.ts";
import type { AccountTables } from "./table.ts";

/** Whether a user may act, for whoever holds a credential of it. */
export type UserState =
  | {
      readonly state: "active";
      readonly roles: readonly string[];
      /** When the password was last chosen: what was begun with an older one ends. Undefined: there is none here. */
      readonly passwordChangedAt: number | undefined;
    }
  | { readonly state: "disabled" }
  | { readonly state: "unknown" };

export type UserStates = (id: string) => MaybePromise<UserState>;

/** The look-up behind every credential that is not cached, prepared once: one read for everything. */
export function userStates(store: Store): UserStates {
  const find = store.prepare(
    store
      .database<AccountTables>()
      .selectFrom("latchkey_user")
      .leftJoin("latchkey_password", "latchkey_password.user_id", "latchkey_user.id")
      .leftJoin("latchkey_role_grant", "latchkey_role_grant.subject_id", "latchkey_user.id")
      .select(["latchkey_user.disabled_at", "latchkey_password.changed_at", "latchkey_role_grant.role"])
      .where("latchkey_user.id", "=", "")
      .orderBy("latchkey_role_grant.role"),
  );
  return (id) => {
    const rows = find(id);
    return isPromise(rows) ? rows.then(stateOf) : stateOf(rows);
  };
}

interface StateRow {
  readonly disabled_at: number | null;
  readonly changed_at: number | null;
  readonly role: string | null;
}

function stateOf(rows: readonly StateRow[]): UserState {
  const [first] = rows;
  if (first === undefined) return { state: "unknown" };
  if (first.disabled_at !== null) return { state: "disabled" };
  return { state: "active", roles: rows.flatMap(({ role }) => role ?? []), passwordChangedAt: first.changed_at ?? undefined };
}

/** The same where the users are an app's own: its table says who is there, ours what they were granted. */
export function sourceStates(store: Store, directory: Directory): UserStates {
  const database = store.database<AccountTables>();
  return async (id) => {
    const user = await directory.find(id);
    if (user === undefined) return { state: "unknown" };
    if (user.disabledAt !== undefined) return { state: "disabled" };
    const [granted, password] = await Promise.all([
      database.selectFrom("latchkey_role_grant").select("role").where("subject_id", "=", id).execute(),
      database.selectFrom("latchkey_password").select("changed_at").where("user_id", "=", id).executeTakeFirst(),
    ]);
    const roles = new Set([...user.ownRoles, ...granted.map(({ role }) => role)]);
    return { state: "active", roles: [...roles].toSorted(), passwordChangedAt: password?.changed_at };
  };
}
