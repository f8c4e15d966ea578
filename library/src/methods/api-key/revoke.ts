import type { KeyParts } from "./parts.ts";
import { markRevoked } from "./table.ts";

/**
 * Revokes a key: refused from the next request on here, within a second on other nodes, and for ever. The row stays, for
 * the audit. False: there was nothing to revoke.
 */
export function revokeApiKey(id: string, parts: KeyParts): Promise<boolean> {
  const at = parts.clock.now();
  return parts.change(id, (transaction) => markRevoked(transaction, id, at));
}
