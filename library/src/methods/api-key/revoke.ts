import type { ActedBy } from "../../contracts/index.ts";
import type { KeyParts } from "./parts.ts";
import { markRevoked } from "./table.ts";
import { told } from "./told.ts";

/**
 * Revokes a key: refused from the next request on here, within a second on other nodes, and for ever. The row stays, for
 * the audit. False: there was nothing to revoke.
 */
export function revokeApiKey(id: string, by: ActedBy, parts: KeyParts): Promise<boolean> {
  const at = parts.clock.now();
  return parts.change(id, async (transaction) => {
    const row = await markRevoked(transaction, id, at);
    if (row === undefined) return false;
    await parts.trail.record(transaction, told("api-key.revoked", row, by));
    return true;
  });
}
