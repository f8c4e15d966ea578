import type { AuditEntry, MaybePromise } from "../../contracts/index.ts";
import type { Sighting, StoredSession } from "./record.ts";

/** What of a session changes when it gets a new secret. */
export interface Renewal {
  readonly authenticatedAt: number;
  readonly lastSeenAt: number;
  readonly endsAt: number;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}

/** What an app keeps for one session, and which version of it this is; 0: nothing was kept yet. */
export interface KeptData {
  readonly version: number;
  /** JSON text of an object. */
  readonly text: string;
}

/**
 * Where sessions are kept: in SQL, or in short-lived state. Whatever ends or renews one is told to the audit and holds
 * on every node once it resolves. Nothing here brings a session back that has ended: every write asks for one that stands.
 */
export interface SessionShelf {
  /** By the digest of its secret; on the way of every request that is not remembered. Also a revoked one, while it is known. */
  find(digest: string): MaybePromise<StoredSession | undefined>;
  get(id: string): MaybePromise<StoredSession | undefined>;
  /** In force at that time, last seen first. */
  list(userId: string, at: number): Promise<readonly StoredSession[]>;
  /** Keeps a new one. Beyond `most` of one user the longest unseen end. */
  add(session: StoredSession, digest: string, most: number, entry: AuditEntry): Promise<void>;
  /** A new secret under the same id; false: it has ended. */
  renew(id: string, digest: string, renewal: Renewal, entry: AuditEntry): Promise<boolean>;
  /** False: there was nothing to end. */
  end(id: string, at: number, entry: AuditEntry): Promise<boolean>;
  /** All of a user but one; how many. */
  endAll(userId: string, exceptId: string | undefined, at: number, entry: AuditEntry): Promise<number>;
  sight(sightings: readonly Sighting[]): Promise<void>;
  /** Removes what is over, a bounded number at a time; how many. */
  sweep(at: number): Promise<number>;
  readData(id: string): Promise<KeptData | undefined>;
  /** Writes over that version only; false: somebody else wrote, or the session has ended. */
  writeData(id: string, data: KeptData): Promise<boolean>;
}
