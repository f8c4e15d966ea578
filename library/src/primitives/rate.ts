import { parseDuration } from "./duration.ts";

/** Reads `1000/1m` into a count and a window in milliseconds; undefined for anything else. */
export function parseRate(text: string): { readonly count: number; readonly windowMs: number } | undefined {
  const match = /^([1-9]\d{0,9})\/(\S+)$/.exec(text);
  const windowMs = match === null ? undefined : parseDuration(match[2]!);
  return match === null || windowMs === undefined ? undefined : { count: Number(match[1]), windowMs };
}

/** What `parseRate` allows, for messages. */
export const rateForm = "a count, a slash and a window: ms, s, m, h or d";
