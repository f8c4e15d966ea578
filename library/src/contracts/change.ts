import type { Verified } from "./method.ts";

/**
 * Tells whether what was once verified still stands. A change names an id: of a credential, session, grant or subject
 * that was revoked, narrowed, disabled or deleted. An answer older than the last change of anything it names is not used.
 */
export interface ChangeWatch {
  /** Takes in what was committed elsewhere, as far as that is possible without waiting. Called once per request. */
  look(at: number): void;
  /** Grows with each change; remember it before verifying. */
  readonly version: number;
  /** Whether nothing that this answer names has changed since that version. */
  unchanged(verified: Verified, sinceVersion: number): boolean;
  /** False once the changes of other nodes have not been heard of for too long: then nothing cached may be served. */
  live(at: number): boolean;
}
