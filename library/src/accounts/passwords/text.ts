/** The most that is ever hashed: 256 code points of up to four bytes. */
export const mostBytes = 1_024;
export const fewestCharacters = 8;
export const mostCharacters = 256;

/**
 * The one form of a password that is hashed: NFC (NIST SP 800-63B-4 s.3.1.1.2), so that it is the same whatever keyboard
 * wrote it. Undefined for what cannot be a password: not a text, empty, over 1024 bytes, or with half a surrogate pair,
 * which UTF-8 cannot hold: two different ones would become the same bytes. Cheap for a megabyte: nothing is copied.
 */
export function readPassword(password: unknown): string | undefined {
  // Each UTF-16 unit is at least one byte, so this refuses the giants before anything looks at them.
  if (typeof password !== "string" || password.length === 0 || password.length > mostBytes) return undefined;
  if (!password.isWellFormed()) return undefined;
  const text = password.normalize("NFC");
  return Buffer.byteLength(text) > mostBytes ? undefined : text;
}

/** Characters as people count them for this purpose: code points. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
