import { randomBelow } from "../../../../primitives/index.ts";

/** Consonants that are told apart when read, and make no words (RFC 8628 s.6.1). */
const letters = "BCDFGHJKLMNPQRSTVWXZ";
const length = 8;
const form = new RegExp(`^[${letters}]{${length}}$`);

/** 20^8 codes: 34 bits, of which a guess may try few. */
export function newUserCode(): string {
  return Array.from({ length }, () => letters[randomBelow(letters.length)]!).join("");
}

/** What somebody typed as a code: case, spaces and hyphens do not count. Undefined: it is none. */
export function readUserCode(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > 40) return undefined;
  const code = text.replace(/[\s-]/g, "").toUpperCase();
  return form.test(code) ? code : undefined;
}

/** In two halves, as it is read out. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
