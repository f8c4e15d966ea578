/** A session as it is kept, wherever that is. The secret is not in it: only its digest leads here. */
export interface StoredSession {
  /** `ses_…`: a name, not the secret in the cookie. */
  readonly id: string;
  readonly userId: string;
  readonly createdAt: number;
  /** When the person last proved who it is. */
  readonly authenticatedAt: number;
  readonly lastSeenAt: number;
  readonly lastAddress: string;
  /** When it ends if it is not used, never later than `expiresAt`. */
  readonly endsAt: number;
  /** When it ends however much it is used. */
  readonly expiresAt: number;
  /** Where it was made. */
  readonly address: string;
  readonly userAgent: string | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  readonly revokedAt: number | undefined;
}

/** A session as its holder and operators may see it. */
export type SessionRecord = Omit<StoredSession, "revokedAt">;

/** What the holder of a new session gets, once. */
export interface IssuedSession {
  /** The secret in the cookie. */
  readonly token: string;
  /** The value of `Set-Cookie`. */
  readonly cookie: string;
  readonly record: SessionRecord;
}

export function recordOf(stored: StoredSession): SessionRecord {
  const { revokedAt: _, ...record } = stored;
  return record;
}

/** How long sessions live. */
export interface SessionTimes {
  /** Without use. */
  readonly idleMs: number;
  /** However much it is used. */
  readonly absoluteMs: number;
}

/** One sighting of a session, to be written with the next batch. */
export interface Sighting {
  readonly id: string;
  readonly at: number;
  readonly address: string;
  readonly endsAt: number;
}
