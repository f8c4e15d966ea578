import { isPromise, type MaybePromise, type Store } from "../contracts/index.ts";
import type { AccountTables } from "./table.ts";

/** Whether a user may act, for whoever holds a credential of it. */
export type UserState =
  | { readonly state: "active"; readonly roles: readonly string[] }
  | { readonly state: "disabled" }
  | { readonly state: "unknown" };

/** The look-up behind every credential that is not cached, prepared once. */
export function userStates(store: Store): (id: string) => MaybePromise<UserState> {
  const find = store.prepare(store.database<AccountTables>().selectFrom("latchkey_user").select("disabled_at").where("id", "=", ""));
  return (id) => {
    const rows = find(id);
    return isPromise(rows) ? rows.then((list) => stateOf(list[0])) : stateOf(rows[0]);
  };
}

function stateOf(row: { readonly disabled_at: number | null } | undefined): UserState {
  if (row === undefined) return { state: "unknown" };
  return row.disabled_at === null ? { state: "active", roles: [] } : { state: "disabled" };
}
