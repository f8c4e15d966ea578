import { type AuditAction, OptionFault, type RecordedEvent } from "../contracts/index.ts";
import { instantText, type JsonObject } from "../primitives/index.ts";

/** What an endpoint is told. */
export interface WebhookEvent {
  /** `invoice.paid`: words of letters, digits and underscores, joined by dots. */
  readonly type: string;
  /** Anything that JSON can hold, up to 256 KiB. */
  readonly data: JsonObject;
  /** When it happened, in milliseconds since the epoch. Default: now. */
  readonly at?: number;
  /** Its id: one that was queued before for the same endpoint is not queued again. Default: a new one. */
  readonly id?: string;
}

/** A message as it is signed and sent: the same bytes at every try. */
export interface Message {
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

const longestBody = 256 * 1024;
const typeForm = /^[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*$/;

export const isEventType = (type: unknown): type is string => typeof type === "string" && type.length <= 100 && typeForm.test(type);

/** The events of the server itself, by the act that the audit log has of them. */
export const serverEvents = {
  "user.created": "user.created",
  "user.updated": "user.updated",
  "user.disabled": "user.disabled",
  "user.enabled": "user.enabled",
  "user.deleted": "user.deleted",
  "password.changed": "password.changed",
  "session.created": "session.created",
  "session.ended": "session.revoked",
  "api-key.created": "key.created",
  "api-key.rotated": "key.rotated",
  "api-key.revoked": "key.revoked",
  "api-key.leaked": "key.leaked",
  "client.created": "client.created",
  "client.deleted": "client.deleted",
  "sign-in.refused": "sign_in.refused",
} as const satisfies Partial<Record<AuditAction, string>>;

/** Anybody can make these happen as often as they like, so that an endpoint that does not take them gets no more than so many. */
export const unbounded: ReadonlySet<string> = new Set<string>(["sign_in.refused"]);

/** Which event of the server an act is; undefined: none. */
export function eventTypeOf(action: AuditAction): string | undefined {
  return Object.hasOwn(serverEvents, action) ? serverEvents[action as keyof typeof serverEvents] : undefined;
}

/** The message of an act. Holds what the audit log has of it, without a credential's secret, which that never has. */
export function messageOf(event: RecordedEvent, type: string): Message {
  const { id, at, outcome, actor, subject, method, credentialId, requestId, address } = event;
  const data = { event: id, outcome, actor, subject, method, credential_id: credentialId, request_id: requestId, address };
  return { id: `msg_${id.slice(id.indexOf("_") + 1)}`, type, body: bodyOf(type, at, data) };
}

/** The form of Standard Webhooks 1.0: type, timestamp, data. */
function bodyOf(type: string, at: number, data: object): string {
  return JSON.stringify({ type, timestamp: instantText(at), data });
}

/** Checks an event of the app. Throws an OptionFault. */
export function messageOfApp(event: WebhookEvent, at: number, newMessageId: () => string): Message {
  const { type, data, id } = event;
  if (!isEventType(type))
    throw new OptionFault("type", { got: type, allowed: "letters, digits and _, in words joined by dots", example: '"invoice.paid"' });
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw new OptionFault("data", { got: data, allowed: "an object", example: "{ invoice: 7 }" });
  if (id !== undefined && (typeof id !== "string" || !/^[A-Za-z0-9_-]{1,100}$/.test(id)))
    throw new OptionFault("id", { got: id, allowed: "1 to 100 letters, digits, _ and -", example: '"msg_invoice_7_paid"' });
  const body = bodyOf(type, event.at ?? at, data);
  if (Buffer.byteLength(body) > longestBody)
    throw new OptionFault("data", {
      got: `${Buffer.byteLength(body)} bytes`,
      allowed: `at most ${longestBody} bytes as JSON`,
      example: "{ invoice: 7 }",
    });
  return { id: id ?? newMessageId(), type, body };
}
