import type { AccountTables } from "./table.ts";

export interface Role {
  readonly name: string;
  /** What its holders may do: `posts:delete`. A name means itself and nothing else. */
  readonly permissions: readonly string[];
}

/** The id under which a change of a role is recorded. */
export const roleChangeId = (name: string): string => `role:${name}`;

export function roleOf(row: Pick<AccountTables["latchkey_role"], "name" | "permissions">): Role {
  return { name: row.name, permissions: JSON.parse(row.permissions) as string[] };
}
