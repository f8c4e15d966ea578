import { type ActedBy, type AuditAction, type AuditEntry, OptionFault } from "../../contracts/index.ts";
import { createRandomPool, newId, newToken, scrub, sha256, writeCookie } from "../../primitives/index.ts";
import type { SessionParts } from "./parts.ts";
import { sessionPrefix } from "./read.ts";
import { type IssuedSession, recordOf, type StoredSession } from "./record.ts";

/** Whose session it is and how the person proved who it is. */
export interface NewSession {
  /** `usr_…`, or an app's own id of the user. */
  readonly user: string;
  /** When the proof was given. Default: now. A session begun with a password that has changed since is refused. */
  readonly authenticatedAt?: number;
  /** Authentication context class (OpenID Connect Core s.2). */
  readonly acr?: string;
  /** Authentication methods, as RFC 8176 names them: `["pwd"]`. */
  readonly amr?: readonly string[];
}

const random = createRandomPool();

/** Makes a session with a secret of its own. Throws an OptionFault for a user who may not sign in. */
export async function issueSession(options: NewSession, by: ActedBy, parts: SessionParts): Promise<IssuedSession> {
  const at = parts.clock.now();
  await requirePerson(options.user, parts);
  const expiresAt = at + parts.times.absoluteMs;
  const session: StoredSession = {
    id: newId("ses", at, random),
    userId: options.user,
    createdAt: at,
    authenticatedAt: Math.min(options.authenticatedAt ?? at, at),
    lastSeenAt: at,
    lastAddress: by.origin?.address ?? "",
    endsAt: Math.min(at + parts.times.idleMs, expiresAt),
    expiresAt,
    address: by.origin?.address ?? "",
    userAgent: cleanAgent(by.origin?.userAgent),
    acr: options.acr,
    amr: options.amr ?? [],
    revokedAt: undefined,
  };
  const token = newSecret(parts);
  await parts.shelf.add(session, sha256(token), parts.mostPerUser, told("session.created", session, by));
  return issued(token, session, parts);
}

async function requirePerson(user: string, parts: SessionParts): Promise<void> {
  const state = typeof user === "string" ? (await parts.personState(user)).state : "unknown";
  if (state !== "active") throw new OptionFault("user", { got: user, allowed: "an existing user who is not disabled", example: '"usr_…"' });
}

export function newSecret(parts: SessionParts): string {
  return newToken({ prefix: sessionPrefix, environment: parts.environment }, random);
}

export function issued(token: string, session: StoredSession, { cookie, clock }: SessionParts): IssuedSession {
  const leftSeconds = Math.ceil((session.expiresAt - clock.now()) / 1000);
  return { token, cookie: writeCookie(cookie, token, leftSeconds), record: recordOf(session) };
}

/** The entry of what was done with a session. */
export function told(action: AuditAction, session: { readonly id?: string; readonly userId: string }, by: ActedBy): AuditEntry {
  return { ...by, action, outcome: "done", subject: session.userId, credentialId: session.id, detail: undefined };
}

/** What a browser says of itself, as one short line. */
function cleanAgent(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return scrub(text.slice(0, 1_000))
    .slice(0, 300)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}
