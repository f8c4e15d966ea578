import { OptionFault } from "../contracts/index.ts";
import { isEventType } from "./event.ts";

export interface EndpointOptions {
  /** https, or http where private networks are allowed. Without a name and password in it. */
  readonly url: string;
  /** Types of events: the server's own (`user.disabled`, `key.revoked`, …), the app's, or `*` for all. */
  readonly events: readonly string[];
  readonly description?: string;
}

export function checkUrl(text: string, allowPrivate: boolean): string {
  const url = typeof text === "string" && text.length <= 2_000 && URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol === "https:" || (url?.protocol === "http:" && allowPrivate);
  if (url !== undefined && scheme && url.username + url.password === "") return url.href;
  throw new OptionFault("url", {
    got: text,
    allowed: "an https URL without a name and password; http only where private networks are allowed",
    example: '"https://hooks.example.com/latchkey"',
  });
}

export function checkEvents(events: readonly string[]): readonly string[] {
  if (Array.isArray(events) && events.length > 0 && events.length <= 100 && events.every((type) => type === "*" || isEventType(type)))
    return [...new Set(events)];
  throw new OptionFault("events", {
    got: events,
    allowed: 'a list of 1 to 100 event types, or ["*"]',
    example: '["user.disabled", "key.revoked"]',
  });
}

export function checkDescription(text: string): string {
  if (typeof text === "string" && text.length <= 200 && !/\p{Cc}/u.test(text)) return text;
  throw new OptionFault("description", { got: text, allowed: "at most 200 characters in one line", example: '"billing"' });
}
