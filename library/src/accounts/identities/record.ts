import type { ProvenIdentity } from "../../contracts/index.ts";
import type { IdentityRow, UsedIdentity } from "./table.ts";

/** One way in by somebody else's word, as its user and the operator see it. */
export interface IdentityRecord {
  readonly provider: string;
  readonly subject: string;
  /** As the provider last said. */
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly linkedAt: number;
  readonly lastUsedAt: number;
}

export function recordOf(row: IdentityRow): IdentityRecord {
  return {
    provider: row.provider,
    subject: row.subject,
    email: row.email ?? undefined,
    name: row.name ?? undefined,
    linkedAt: row.linked_at,
    lastUsedAt: row.last_used_at,
  };
}

/** What is stored of an identity that was proved at this moment. */
export function rowOf(identity: ProvenIdentity, userId: string, at: number, seal: (text: string, context: string) => string): UsedIdentity {
  const { provider, issuer, subject, email, name, tokens } = identity;
  return {
    provider,
    issuer,
    subject,
    user_id: userId,
    email: email ?? null,
    name: name ?? null,
    linked_at: at,
    last_used_at: at,
    tokens: tokens === undefined ? null : seal(JSON.stringify(tokens), sealContext({ provider, issuer, subject })),
    tokens_expire_at: tokens?.expiresAt ?? null,
    renewing_until: null,
  };
}

/** Tokens that are moved to somebody else's row do not open there. */
export function sealContext({ provider, issuer, subject }: Pick<IdentityRow, "provider" | "issuer" | "subject">): string {
  return `latchkey_identity.tokens ${JSON.stringify([provider, issuer, subject])}`;
}
