import { randomOctets } from "../../primitives/index.ts";

/** Crockford's base32: no letter that is taken for a digit. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 12;

/** A code that a person copies from a mail into a page, or types: 60 random bits as `K7QF-2M9X-W4TD`. */
export function newCode(): string {
  // 32 divides 256, so that no character is likelier than another.
  const characters = Array.from(randomOctets(length), (byte) => alphabet[byte & 31]!);
  return [0, 4, 8].map((start) => characters.slice(start, start + 4).join("")).join("-");
}

/** What was typed as the code that was meant: any case, any spaces and hyphens, O for 0, I and L for 1. Undefined: no code. */
export function readCode(typed: unknown): string | undefined {
  if (typeof typed !== "string" || typed.length > 100) return undefined;
  const plain = typed
    .toUpperCase()
    .replace(/[\s\u2010-\u2015-]/g, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{12}$/.test(plain) ? plain : undefined;
}
