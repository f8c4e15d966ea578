/** Grammar of what senders write into their headers. Total functions: any text in, an answer out. */

/** More entries than any sender that rotates its secrets has. */
export const mostSignatures = 16;

/** Seconds since the epoch as decimal digits, in milliseconds; undefined for anything else: signs, exponents, fractions, names. */
export function readSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,11}$/.test(text) ? Number(text) * 1000 : undefined;
}

/** Strict base64 (RFC 4648 s.4, padded, canonical); undefined for anything else. */
export function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64") === text ? bytes : undefined;
}

/** Hexadecimal in either case; undefined for anything else. */
export function readHex(text: string): Buffer | undefined {
  return text.length > 0 && text.length % 2 === 0 && /^[0-9A-Fa-f]+$/.test(text) ? Buffer.from(text, "hex") : undefined;
}

/** The one value of a header; undefined when it is absent or was sent more than once. */
export function only(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
