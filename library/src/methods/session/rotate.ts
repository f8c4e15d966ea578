import type { ActedBy } from "../../contracts/index.ts";
import { sha256 } from "../../primitives/index.ts";
import { issued, newSecret, told } from "./issue.ts";
import type { SessionParts } from "./parts.ts";
import type { IssuedSession } from "./record.ts";

/** What is proved anew when a session is renewed; what is left out stays. */
export interface RenewedProof {
  readonly authenticatedAt?: number;
  readonly acr?: string;
  readonly amr?: readonly string[];
}

/**
 * Gives a session a new secret under the same id; the old one is dead from then on. For whenever what its holder may do
 * changes: a step-up, a new password, a role. Undefined: it has ended.
 */
export async function rotateSession(id: string, proof: RenewedProof, by: ActedBy, parts: SessionParts): Promise<IssuedSession | undefined> {
  const session = await parts.shelf.get(id);
  if (session === undefined || session.revokedAt !== undefined) return undefined;
  const at = parts.clock.now();
  const renewed = {
    ...session,
    authenticatedAt: proof.authenticatedAt ?? session.authenticatedAt,
    lastSeenAt: at,
    endsAt: Math.min(at + parts.times.idleMs, session.expiresAt),
    acr: proof.acr ?? session.acr,
    amr: proof.amr ?? session.amr,
  };
  const token = newSecret(parts);
  const done = await parts.shelf.renew(id, sha256(token), renewed, told("session.renewed", session, by));
  return done ? issued(token, renewed, parts) : undefined;
}
