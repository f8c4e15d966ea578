import { after, type OwnerState, type OwnerStates, type Store } from "../contracts/index.ts";
import type { Directory } from "./directory.ts";
import type { AccountTables } from "./table.ts";

/** The look-up behind every credential that is not cached, prepared once: one read of one row for everything. */
export function userStates(store: Store): OwnerStates {
  const find = store.prepare(
    store
      .database<AccountTables>()
      .selectFrom("latchkey_user")
      .leftJoin("latchkey_password", "latchkey_password.user_id", "latchkey_user.id")
      .select(["latchkey_user.disabled_at", "latchkey_password.changed_at"])
      .select((user) =>
        user
          .selectFrom("latchkey_role_grant")
          .select(({ fn, cast }) =>
            // Each database has its own name for it; the text is the same.
            store.dialect === "sqlite"
              ? fn<string | null>("json_group_array", ["role"]).as("roles")
              : cast<string | null>(fn("json_agg", ["role"]), "text").as("roles"),
          )
          .whereRef("latchkey_role_grant.subject_id", "=", "latchkey_user.id")
          .as("roles"),
      )
      .where("latchkey_user.id", "=", ""),
    { atMostOne: true },
  );
  return (id) => after(find(id), stateOf);
}

interface StateRow {
  readonly disabled_at: number | null;
  readonly changed_at: number | null;
  /** A JSON array; null in some databases where there is none. */
  readonly roles: string | null;
}

function stateOf([row]: readonly StateRow[]): OwnerState {
  if (row === undefined) return { state: "unknown" };
  if (row.disabled_at !== null) return { state: "disabled" };
  const roles = row.roles === null ? [] : (JSON.parse(row.roles) as string[]);
  return { state: "active", roles: roles.toSorted(), passwordChangedAt: row.changed_at ?? undefined };
}

/** The same where the users are an app's own: its table says who is there, ours what they were granted. */
export function sourceStates(store: Store, directory: Directory): OwnerStates {
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
