import { type Clock, OptionFault } from "../contracts/index.ts";
import { durationForm, parseDuration } from "../primitives/index.ts";

/** A clock that stands still until it is told to go on. */
export interface TestClock extends Clock {
  /** Goes on by a span (`"15m"`, or milliseconds) and returns the new time. */
  advance(span: string | number): number;
  /** Goes to an instant, backwards too: RFC 3339 text, milliseconds since the epoch, or a Date. */
  set(instant: string | number | Date): number;
}

/** A clock that starts at the given instant, by default at midnight UTC of 2026-01-01. Throws an OptionFault for what is no time. */
export function testClock(start: string | number | Date = "2026-01-01T00:00:00Z"): TestClock {
  let now = instantOf(start);
  return {
    now: () => now,
    advance: (span) => (now += spanOf(span)),
    set: (instant) => (now = instantOf(instant)),
  };
}

function instantOf(given: string | number | Date): number {
  const instant = new Date(given).getTime();
  if (Number.isNaN(instant)) throw new OptionFault("instant", { got: given, allowed: "a date", example: '"2026-01-01T00:00:00Z"' });
  return instant;
}

function spanOf(given: string | number): number {
  const span = typeof given === "number" ? given : parseDuration(given);
  if (span === undefined || !(span >= 0)) {
    throw new OptionFault("span", { got: given, allowed: `milliseconds, or ${durationForm}`, example: '"15m"' });
  }
  return span;
}
