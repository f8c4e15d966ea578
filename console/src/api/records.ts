/** What the admin API answers with. Instants are RFC 3339 texts. */

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

export interface Me {
  readonly subject: string;
  readonly method: string;
  readonly email: string | null;
  readonly scopes: readonly string[];
}

export interface Overview {
  readonly issuer: string;
  readonly versions: { readonly latchkey: string; readonly node: string };
  readonly decisions: readonly {
    readonly method: string;
    readonly outcome: string;
    readonly remembered: boolean;
    readonly count: number;
  }[];
  readonly hashQueue: { readonly running: number; readonly waiting: number; readonly begun: number; readonly refused: number };
  readonly auditLost: { readonly events: number; readonly uses: number };
}

export interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: string | null;
  readonly subject: string | null;
  readonly method: string | null;
  readonly credentialId: string | null;
  readonly detail: string | null;
  readonly requestId: string | null;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly request: {
    readonly httpMethod: string;
    readonly path: string;
    readonly seen: readonly string[];
    readonly checks: readonly string[];
  } | null;
}

/** One decision of the gate. */
export interface Decision {
  readonly requestId: string;
  readonly at: string;
  readonly outcome: string;
  readonly detail: string | null;
  readonly httpMethod: string;
  readonly path: string;
  readonly address: string;
  readonly userAgent: string | null;
  readonly seen: readonly string[];
  readonly checks: readonly string[];
  readonly remembered: boolean;
  readonly caller: {
    readonly subject: string;
    readonly kind: string;
    readonly method: string;
    readonly credentialId: string;
    readonly scopes: readonly string[];
    readonly roles: readonly string[];
  } | null;
}

export interface User {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly disabledAt: string | null;
  readonly createdAt: string | null;
  readonly roles: readonly string[];
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly owner: { readonly kind: string; readonly id: string };
  readonly hint: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly allowedAddresses: readonly string[] | null;
  readonly rateLimit: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  readonly lastUsedFrom: string | null;
}

export interface IssuedKey extends ApiKey {
  readonly key: string;
}

export interface Client {
  readonly id: string;
  readonly name: string;
  readonly authentication: string;
  readonly grants: readonly string[];
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly firstParty: boolean;
  readonly createdAt: string;
}

export interface IssuedClient extends Client {
  readonly secret: string | null;
}

export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly lastAddress: string;
  readonly address: string;
  readonly userAgent: string | null;
  readonly endsAt: string;
}

export interface Role {
  readonly name: string;
  readonly permissions: readonly string[];
}

export interface SigningKey {
  readonly id: string;
  readonly algorithm: string;
  readonly state: string;
  readonly createdAt: string;
  readonly signsFrom: string;
  readonly publishedUntil: string | null;
}
