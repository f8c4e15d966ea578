import type { Kysely } from "kysely";

/** Where an act came from, gathered once per request or command. */
export interface Origin {
  readonly requestId: string;
  /** The client's address, through trusted proxies only; "" when there is none. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** One act that must be told afterwards: a sign-in, or a change of what somebody may do. Holds no secret. */
export interface AuditEntry {
  /** What was done: `user.created`, `session.created`, `api-key.revoked`. A noun and a past participle. */
  readonly action: string;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
  /** Who did it: a subject; undefined for the command line and for somebody unknown. */
  readonly actor: string | undefined;
  /** Whom it concerns: a subject; undefined where none is known. */
  readonly subject: string | undefined;
  /** The method that proved the actor: `session`, `api-key`, …; undefined for the command line. */
  readonly method: string | undefined;
  /** The credential it made, used or ended. */
  readonly credentialId: string | undefined;
  /** For the operator only. */
  readonly detail: string | undefined;
  readonly origin: Origin | undefined;
}

/** The audit log as other rooms see it. */
export interface AuditTrail {
  /** Writes the entry in the transaction of the act itself: both are durable, or neither. Call it before `recordChange`. */
  record<Tables>(transaction: Kysely<Tables>, entry: AuditEntry): Promise<void>;
}
