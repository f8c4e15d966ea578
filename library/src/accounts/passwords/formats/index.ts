/** The hash formats that can be verified. New passwords are argon2id only; the others arrive by imports. */
import { argon2 } from "./argon2.ts";
import { bcrypt, bcryptSha256 } from "./bcrypt.ts";
import type { HashFormat } from "./format.ts";
import { pbkdf2 } from "./pbkdf2.ts";
import { firebaseScrypt, scrypt } from "./scrypt.ts";

export { decodeBase64, formatPhc } from "./phc.ts";

const formats: readonly HashFormat[] = [argon2, bcrypt, bcryptSha256, scrypt, firebaseScrypt, pbkdf2];

/** The format of a stored text; undefined: none that is known. */
export function formatOf(encoded: string): HashFormat | undefined {
  return formats.find((format) => format.recognizes(encoded));
}

/** Why a hash cannot be taken over; undefined: it can. */
export function hashProblem(encoded: string): string | undefined {
  const format = formatOf(encoded);
  return format === undefined ? "a hash of a kind that is not known" : format.problem(encoded);
}
