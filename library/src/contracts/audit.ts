import type { Kysely } from "kysely";
import type { AuditAction } from "./audit-action.ts";

/** Where an act came from, gathered once per request or command. */
export interface Origin {
  readonly requestId: string;
  /** The client's address, through trusted proxies only; "" when there is none. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** Who acts, how that was proved, and from where. `http/origin.ts` makes one of an exchange. */
export interface ActedBy {
  /** A subject; `cli:NAME` for the command line; undefined for somebody unknown. */
  readonly actor: string | undefined;
  /** The method that proved the actor: `session`, `api-key`, …; undefined for the command line. */
  readonly method: string | undefined;
  readonly origin: Origin | undefined;
}

/** One act that must be told afterwards: a sign-in, or a change of what somebody may do. Holds no secret. */
export interface AuditEntry extends ActedBy {
  /** What was done. */
  readonly action: AuditAction;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
  /** Whom it concerns: a subject; undefined where none is known. */
  readonly subject: string | undefined;
  /** The credential it made, used or ended. */
  readonly credentialId: string | undefined;
  /** For the operator only. */
  readonly detail: string | undefined;
}

/** What was written into the audit log. Texts are clipped and escaped. */
export interface RecordedEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: AuditAction;
  readonly outcome: string;
  readonly actor: string | undefined;
  readonly subject: string | undefined;
  readonly method: string | undefined;
  readonly credentialId: string | undefined;
  readonly requestId: string | undefined;
  readonly address: string | undefined;
}

/** Hears of events in the transaction in which they are written. What it throws undoes them. */
export interface AuditListener {
  /** Whether it wants to hear of this act; waits for nothing. */
  wants(action: AuditAction): boolean;
  record<Tables>(transaction: Kysely<Tables>, events: readonly RecordedEvent[]): Promise<void>;
}

/** The audit log as other rooms see it. */
export interface AuditTrail {
  /** Writes the entry in the transaction of the act itself: both are durable, or neither. Call it before `recordChange`. */
  record<Tables>(transaction: Kysely<Tables>, entry: AuditEntry): Promise<void>;
  /** Notes an attempt that was refused, and so changed nothing: written with the next batch, never waited for, bounded. */
  note(entry: AuditEntry): void;
}
