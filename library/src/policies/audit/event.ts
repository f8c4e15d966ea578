/** Events of the audit log: as rows, and as the operator reads them. Whatever a client chose is clipped and escaped here. */
import type { AuditAction, AuditEntry, DecisionEvent, Principal } from "../../contracts/index.ts";
import { createRandomPool, newId, scrub } from "../../primitives/index.ts";
import type { ChainedRow } from "./chain.ts";
import type { EventRow } from "./table.ts";

/** One act or attempt, as it was written. */
export interface AuditEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: AuditAction;
  /** `done`, or the code of the refusal. */
  readonly outcome: string;
  /** Who did it; `cli:NAME` for the command line; undefined for somebody unknown. */
  readonly actor: string | undefined;
  /** Whom it concerns. */
  readonly subject: string | undefined;
  /** The method that proved the actor, or that was tried. */
  readonly method: string | undefined;
  readonly credentialId: string | undefined;
  readonly detail: string | undefined;
  readonly requestId: string | undefined;
  readonly address: string | undefined;
  readonly userAgent: string | undefined;
  /** For a refused request: which one, and how far it got. */
  readonly request: RequestFacts | undefined;
  /** The node that wrote it, and its number there. */
  readonly writer: string;
  readonly seq: number;
}

export interface RequestFacts {
  readonly httpMethod: string;
  readonly path: string;
  readonly seen: readonly string[];
  readonly checks: readonly string[];
  readonly fromCache: boolean;
  readonly principal: Principal | undefined;
}

const random = createRandomPool();

/** Most characters that are kept of anything a client chose. */
const clip = 300;
/** Searched for credentials before it is clipped: a half of one is found by nobody, and tells half of it. */
const longestSaid = 1_000;

export function actRow(entry: AuditEntry, at: number): EventRow {
  return {
    id: newId("evt", at, random),
    at,
    action: entry.action,
    outcome: entry.outcome,
    actor: clean(entry.actor),
    subject: clean(entry.subject),
    method: clean(entry.method),
    credential_id: clean(entry.credentialId),
    detail: clean(entry.detail),
    request_id: clean(entry.origin?.requestId),
    address: clean(entry.origin?.address),
    user_agent: said(entry.origin?.userAgent),
    request: null,
  };
}

export function refusalRow(event: DecisionEvent): EventRow {
  const { principal, about } = event;
  const subject = clean(principal?.subject ?? about?.subject);
  const facts: RequestFacts = {
    httpMethod: clean(event.httpMethod) ?? "",
    path: said(event.path) ?? "",
    seen: event.seen,
    checks: event.checks,
    fromCache: event.fromCache,
    principal,
  };
  return {
    id: newId("evt", event.at, random),
    at: event.at,
    action: "request.refused" satisfies AuditAction,
    outcome: event.outcome,
    // Nobody acted who did not prove who it is; of whom the credential was is another matter.
    actor: clean(principal?.subject),
    subject,
    method: principal?.method ?? event.seen[0]?.split(" ", 1)[0] ?? null,
    credential_id: clean(principal?.credentialId ?? about?.credentialId),
    detail: clean(event.detail),
    request_id: clean(event.requestId),
    address: clean(event.address),
    user_agent: said(event.userAgent),
    request: JSON.stringify(facts),
  };
}

/** Clips, and writes control characters, lone surrogates and what turns text around as escapes: one line, one meaning. */
function clean(text: string | undefined): string | null {
  if (text === undefined) return null;
  // Copied, not sliced: a slice would keep the whole of a long text in memory for as long as the row waits.
  const short = text.length <= clip ? text : Buffer.from(text.slice(0, clip), "utf16le").toString("utf16le");
  return short.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** What a client wrote itself, where it may have put a credential by mistake. */
function said(text: string | undefined): string | null {
  return text === undefined ? null : clean(scrub(text.slice(0, longestSaid)));
}

export function eventOf(row: EventRow & Partial<ChainedRow>): AuditEvent {
  return {
    id: row.id,
    at: row.at,
    action: row.action as AuditAction,
    outcome: row.outcome,
    actor: row.actor ?? undefined,
    subject: row.subject ?? undefined,
    method: row.method ?? undefined,
    credentialId: row.credential_id ?? undefined,
    detail: row.detail ?? undefined,
    requestId: row.request_id ?? undefined,
    address: row.address ?? undefined,
    userAgent: row.user_agent ?? undefined,
    request: row.request === null ? undefined : (JSON.parse(row.request) as RequestFacts),
    writer: row.writer ?? "",
    seq: row.seq ?? 0,
  };
}

/** A refused request as the guard told of it; undefined for any other event. */
export function decisionOf(event: AuditEvent): DecisionEvent | undefined {
  const { request } = event;
  if (request === undefined) return undefined;
  return {
    requestId: event.requestId ?? "",
    at: event.at,
    outcome: event.outcome,
    detail: event.detail,
    httpMethod: request.httpMethod,
    path: request.path,
    address: event.address ?? "",
    userAgent: event.userAgent,
    seen: request.seen,
    checks: request.checks,
    fromCache: request.fromCache,
    principal: request.principal,
  };
}
