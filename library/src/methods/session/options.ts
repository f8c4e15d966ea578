import { OptionFault, spanOption, wholeOption } from "../../contracts/index.ts";
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
  const idleMs = spanOption("sessions.idle", options.idle ?? "24h", { least: 10_000, example: '"24h"' });
  const absoluteMs = spanOption("sessions.absolute", options.absolute ?? "30d", { example: '"30d"' });
  if (absoluteMs < idleMs) {
    throw new OptionFault("sessions.absolute", { got: options.absolute, allowed: "at least as long as sessions.idle", example: '"30d"' });
  }
  spanOption("sessions.fresh", options.fresh ?? "15m", { example: '"15m"' });
  const mostPerUser = wholeOption("sessions.mostPerUser", options.mostPerUser ?? 100, { most: 1_000, example: "100" });
  const store = options.store ?? "sql";
  if (store !== "sql" && store !== "ephemeral") {
    throw new OptionFault("sessions.store", { got: store, allowed: '"sql" or "ephemeral"', example: '"sql"' });
  }
  const trustedOrigins = checkOrigins(options.trustedOrigins ?? []);
  return { times: { idleMs, absoluteMs }, fresh: options.fresh ?? "15m", mostPerUser, trustedOrigins, store };
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
