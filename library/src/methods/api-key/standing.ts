import { type AddressMatcher, type Clock, isPromise, type Limit, type MaybePromise, type Store } from "../../contracts/index.ts";
import { limitOf } from "./record.ts";
import { type ApiKeyRow, findById } from "./table.ts";

/** What limits whoever holds something that was made from a credential. */
interface Standing {
  readonly allowedAddresses: AddressMatcher | undefined;
  readonly rateLimit: Limit | undefined;
}

const unlimited: Standing = { allowedAddresses: undefined, rateLimit: undefined };

/**
 * Whether what was made from a key still stands: undefined once the key is revoked or has expired. Any other id stands: it is
 * somebody else's to judge.
 */
export function keyStanding(store: Store, clock: Clock, addresses: (list: readonly string[]) => AddressMatcher) {
  const find = findById(store);
  const judge = (row: ApiKeyRow | undefined): Standing | undefined => {
    if (row === undefined || row.revoked_at !== null || (row.expires_at !== null && clock.now() >= row.expires_at)) return undefined;
    const list = row.allowed_addresses === null ? undefined : (JSON.parse(row.allowed_addresses) as string[]);
    return { allowedAddresses: list === undefined ? undefined : addresses(list), rateLimit: limitOf(row) };
  };
  return (id: string): MaybePromise<Standing | undefined> => {
    if (!id.startsWith("key_")) return unlimited;
    const rows = find(id);
    return isPromise(rows) ? rows.then(([row]) => judge(row)) : judge(rows[0]);
  };
}
