import type { ActedBy, AuditAction, AuditEntry } from "../contracts/index.ts";

/** Nobody who proved an identity: the program itself, or somebody unknown. */
export const byNobody: ActedBy = { actor: undefined, method: undefined, origin: undefined };

/** The entry of an act on somebody that was done. */
export function doneTo(action: AuditAction, subject: string | undefined, by: ActedBy, detail?: string): AuditEntry {
  const { actor, method, origin } = by;
  return { action, outcome: "done", actor, subject, method, credentialId: undefined, detail, origin };
}
