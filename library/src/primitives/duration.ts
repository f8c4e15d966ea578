const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `30s`, `15m`, `2h`, `90d`, `250ms` into milliseconds; undefined for anything else, zero and negatives included. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * units[match[2]!]!;
}

/** What `parseDuration` reads as this many milliseconds, in its largest unit: `15m` for 900,000. */
export function durationText(ms: number): string {
  const [unit, of] = Object.entries(units).findLast(([, size]) => ms % size === 0)!;
  return `${ms / of}${unit}`;
}

/**
 * Seconds until an instant, for `expires_in` (RFC 6749 s.5.1). Instants in tokens are whole seconds, counted from the second
 * in which they were issued: one for 15 minutes is told as 900, not as the 899 that are whole.
 */
export function secondsUntil(instant: number, at: number): number {
  return Math.max(0, Math.ceil((instant - at) / 1_000));
}

/** What `parseDuration` allows, for messages. */
export const durationForm = "a whole number above 0 and a unit: ms, s, m, h or d";
