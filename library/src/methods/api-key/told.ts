import type { ActedBy, AuditAction, AuditEntry } from "../../contracts/index.ts";
import type { ApiKeyRow } from "./table.ts";

/** The program that embeds Latchkey, where nobody else is named. */
export const byNobody: ActedBy = { actor: undefined, method: undefined, origin: undefined };

/** What the audit is told of an act on a key. */
export function told(action: AuditAction, row: Pick<ApiKeyRow, "id" | "owner_id">, by: ActedBy): AuditEntry {
  return { ...by, action, outcome: "done", subject: row.owner_id, credentialId: row.id, detail: undefined };
}
