import type { Store } from "../contracts/index.ts";
import { type User, userOf } from "./directory.ts";
import type { AccountTables } from "./table.ts";

/** Which users. */
export interface UserList {
  readonly limit?: number;
  /** The id to go on from. */
  readonly after?: string;
  /** How their address begins, in any spelling of case; what is a beginning of nothing finds nobody. */
  readonly emailBegins?: string;
}

/** No address is longer (RFC 5321 s.4.5.3.1). */
const longest = 254;

/** A page of users, oldest first. */
export async function listUsers(store: Store, { limit = 100, after = "", emailBegins = "" }: UserList): Promise<readonly User[]> {
  // The addresses are compared in the form in which they are unique.
  const begins = emailBegins
    .slice(0, longest * 4)
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFKC");
  // PostgreSQL cannot even be asked for a text with a zero in it.
  if (begins.length > longest || begins.includes("\0")) return [];
  let query = store.database<AccountTables>().selectFrom("latchkey_user").selectAll().where("id", ">", after).orderBy("id");
  if (begins !== "")
    query = query.where(({ eb, fn, val }) => eb(fn<string>("substr", ["email_key", val(1), val(Array.from(begins).length)]), "=", begins));
  const rows = await query.limit(Math.min(Math.max(limit, 1), 1_000)).execute();
  return rows.map((row) => userOf(row)!);
}
