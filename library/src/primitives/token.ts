import { randomBase62, type RandomSource, toBase62 } from "./random.ts";

/**
 * The one format of opaque credentials: `<prefix>_<environment>_<43 random base62><6 checksum>`, 256 random bits.
 * The prefix says what it is (to the guard and to secret scanners), the checksum refuses garbage before any store is asked.
 */
export interface TokenFormat {
  /** Lower-case letters and digits: `lk`. */
  readonly prefix: string;
  /** `live`, `test`, … */
  readonly environment: string;
}

const randomLength = 43;
const checksumLength = 6;

export function newToken(format: TokenFormat, random?: RandomSource): string {
  const body = `${format.prefix}_${format.environment}_${randomBase62(randomLength, random)}`;
  return body + checksum(body);
}

/** `foreign`: not of this format at all. `damaged`: ours by its look, but the checksum is wrong: mistyped, cut or made up. */
export function inspectToken(text: string, prefix: string): "sound" | "damaged" | "foreign" {
  if (!text.startsWith(`${prefix}_`)) return "foreign";
  const bodyAt = text.indexOf("_", prefix.length + 1) + 1;
  if (bodyAt === 0) return "damaged";
  if (text.length - bodyAt !== randomLength + checksumLength || !/^[0-9A-Za-z_]+$/.test(text)) return "damaged";
  const end = text.length - checksumLength;
  // Not a comparison of secrets: the checksum is computed from what the caller sent.
  return checksum(text.slice(0, end)) === text.slice(end) ? "sound" : "damaged";
}

/** What may be shown of a token: its prefix and environment, and the last four characters. */
export function tokenHint(text: string): string {
  const bodyAt = text.indexOf("_", text.indexOf("_") + 1) + 1;
  return `${text.slice(0, bodyAt)}…${text.slice(-4)}`;
}

/** CRC-32 (ISO 3309, as in zip and PNG) in base62, six characters. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) crc = (crc >>> 8) ^ crcTable[(crc ^ text.charCodeAt(index)) & 0xff]!;
  return toBase62((crc ^ 0xffffffff) >>> 0, checksumLength);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});
