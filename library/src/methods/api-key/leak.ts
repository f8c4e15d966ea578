import type { ActedBy } from "../../contracts/index.ts";
import { sha256 } from "../../primitives/index.ts";
import type { KeyParts } from "./parts.ts";
import { impossibleKey } from "./read.ts";
import { findByDigest, markRevoked } from "./table.ts";
import { told } from "./told.ts";

/** `revoked`: it was in force, and is not any more. `ended`: it is one of ours that was of no use already. `unknown`: none of ours. */
export type LeakVerdict = "revoked" | "ended" | "unknown";

/**
 * Revokes a key that somebody found where others can read it, whoever says so: who has the key could use it, and its owner
 * can only want it dead. Refused from the next request on, and its owner is told by mail. What cannot be a key is answered without a store.
 */
export async function reportLeak(key: string, where: string | undefined, by: ActedBy, parts: KeyParts): Promise<LeakVerdict> {
  if (impossibleKey(key, parts.forms) !== undefined) return "unknown";
  const [row] = await findByDigest(parts.store)(sha256(key));
  if (row === undefined) return "unknown";
  const at = parts.clock.now();
  if (row.ends_at !== null && at >= row.ends_at) return "ended";
  const owner = row.owner_id;
  const to = owner === null ? undefined : await parts.mailboxOf(owner);
  const revoked = await parts.change(row.id, async (transaction) => {
    const marked = await markRevoked(transaction, row.id, at);
    if (marked === undefined) return false;
    await parts.trail.record(transaction, { ...told("api-key.leaked", marked, by), detail: where?.slice(0, 300) });
    await parts.trail.record(transaction, told("api-key.revoked", marked, by));
    if (owner !== null && to !== undefined) await parts.mail.put(transaction, owner, { about: "key-leaked", to, keyName: row.name });
    return true;
  });
  return revoked ? "revoked" : "ended";
}
