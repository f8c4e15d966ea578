import { randomBytes } from "node:crypto";
import type { RandomSource } from "./random.ts";

const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

export type IdPrefix = "usr" | "key" | "cli" | "ses" | "grt" | "tok" | "evt" | "whe" | "whd" | "msg" | "lgo" | "lgt" | "let";

/**
 * A new id: prefix, underscore and a UUIDv7 (RFC 9562 s.5.7) in Crockford's base32, 26 characters, so that ids sort
 * by the time they were made. An id is a name, never a secret.
 */
export function newId(prefix: IdPrefix, at: number, random: RandomSource = randomBytes): string {
  const bytes = random(16);
  let rest = at;
  for (let place = 5; place >= 0; place -= 1) {
    bytes[place] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  // 128 bits are 26 letters of five bits, of which the first has only three.
  let text = crockford[bytes[0]! >> 5]!;
  for (let bit = 3; bit < 128; bit += 5) {
    const place = bit >> 3;
    text += crockford[(((bytes[place]! << 8) | (bytes[place + 1] ?? 0)) >> (11 - (bit & 7))) & 31];
  }
  return `${prefix}_${text}`;
}

/** Whether a text has the form of an id with this prefix. */
export function isId(text: string, prefix: IdPrefix): boolean {
  return (
    text.length === prefix.length + 27 && text.startsWith(`${prefix}_`) && /^[0-9a-hjkmnp-tv-z]{26}$/.test(text.slice(prefix.length + 1))
  );
}

const processName = randomBytes(6).toString("hex");
const lastDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));
let hundreds = 0;
let requests = lastDigits.length;
let beginning = "";

/**
 * A request id: unique across processes and restarts, and cheap, since every request gets one. V8 remembers the texts of
 * thousands of numbers that were written lately: of one number for each request, every text would live until it is old.
 */
export function newRequestId(): string {
  if (requests === lastDigits.length) {
    // Decimal: another radix is written by a much slower way.
    beginning = `req_${processName}${hundreds}`;
    hundreds += 1;
    requests = 0;
  }
  const id = beginning + lastDigits[requests]!;
  requests += 1;
  return id;
}
