import { OptionFault } from "../../contracts/index.ts";
import { durationForm, parseDuration } from "../../primitives/index.ts";
import type { SessionTimes } from "./record.ts";

/** What one may say of sessions. */
export interface SessionOptions {
  /** A session ends when it was not used for this long. Default `"24h"`. */
  readonly idle?: string;
  /** A session ends after this long, however much it is used. Default `"30d"`. */
  readonly absolute?: string;
  /** How recent a sign-in must be to manage keys, passwords and the like. Default `"15m"`. */
  readonly fresh?: string;
  /** Most sessions of one user; the longest unseen ends when another begins. Default 100. */
  readonly mostPerUser?: number;
  /** Further origins whose pages may use the session: `["https://app.example.com"]`. Default: only the issuer's own. */
  readonly trustedOrigins?: readonly string[];
  /** Where sessions are kept: `"sql"` (default), or `"ephemeral"`: in what the option `ephemeral` names, e.g. Redis. */
  readonly store?: "sql" | "ephemeral";
}

export interface SessionSettings {
  readonly times: SessionTimes;
  readonly fresh: string;
  readonly mostPerUser: number;
  readonly trustedOrigins: readonly string[];
  readonly store: "sql" | "ephemeral";
}

/** Checks the options. Throws an OptionFault that names the first one that cannot be used. */
export function readSessionOptions(options: SessionOptions = {}): SessionSettings {
  const idleMs = span("idle", options.idle ?? "24h");
  const absoluteMs = span("absolute", options.absolute ?? "30d");
  if (idleMs < 10_000) {
    throw new OptionFault("sessions.idle", { got: options.idle, allowed: "at least 10s", example: '"24h"' });
  }
  if (absoluteMs < idleMs) {
    throw new OptionFault("sessions.absolute", { got: options.absolute, allowed: "at least as long as sessions.idle", example: '"30d"' });
  }
  span("fresh", options.fresh ?? "15m");
  const mostPerUser = options.mostPerUser ?? 100;
  if (!Number.isInteger(mostPerUser) || mostPerUser < 1 || mostPerUser > 1_000) {
    throw new OptionFault("sessions.mostPerUser", { got: mostPerUser, allowed: "a whole number from 1 to 1000", example: "100" });
  }
  const store = options.store ?? "sql";
  if (store !== "sql" && store !== "ephemeral") {
    throw new OptionFault("sessions.store", { got: store, allowed: '"sql" or "ephemeral"', example: '"sql"' });
  }
  const trustedOrigins = checkOrigins(options.trustedOrigins ?? []);
  return { times: { idleMs, absoluteMs }, fresh: options.fresh ?? "15m", mostPerUser, trustedOrigins, store };
}

function span(name: string, text: string): number {
  const ms = typeof text === "string" ? parseDuration(text) : undefined;
  if (ms === undefined) throw new OptionFault(`sessions.${name}`, { got: text, allowed: durationForm, example: '"24h"' });
  return ms;
}

function checkOrigins(origins: readonly string[]): readonly string[] {
  const problem = { allowed: "origins without a path, as a browser sends them", example: '["https://app.example.com"]' };
  if (!Array.isArray(origins)) throw new OptionFault("sessions.trustedOrigins", { got: origins, ...problem });
  for (const origin of origins) {
    const good = typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin;
    if (!good) throw new OptionFault("sessions.trustedOrigins", { got: origin, ...problem });
  }
  return [...origins];
}
