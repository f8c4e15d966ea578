import { hash } from "node:crypto";
import { nativeBcrypt } from "../native.ts";
import { inThreadPool } from "../thread-pool.ts";
import type { HashFormat } from "./format.ts";

const form = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** bcrypt looks at 72 bytes and no further. */
const mostBytes = 72;

/** bcrypt repeats the password with a NUL behind it until its key is full, so `a` and `a`, NUL, `a` have the same hash. */
const isTold = (password: string): boolean => Buffer.byteLength(password) <= mostBytes && !password.includes("\0");

/**
 * bcrypt, `$2a$`, `$2b$` and `$2y$`. A password beyond 72 bytes, or with a NUL, is wrong: the hash cannot tell it from
 * others, so whoever has one chooses a new one.
 */
export const bcrypt: HashFormat = {
  recognizes: (encoded) => /^\$2[aby]\$/.test(encoded),
  problem: (encoded) => problemOf(encoded),
  verify: async (encoded, password) => isTold(password) && check(password, encoded),
};

/** Django's `bcrypt_sha256`: bcrypt of the SHA-256 in hexadecimal, so that no password is too long. */
export const bcryptSha256: HashFormat = {
  recognizes: (encoded) => encoded.startsWith("$bcrypt-sha256$"),
  problem: (encoded) => problemOf(innerOf(encoded)),
  verify: (encoded, password) => check(hash("sha256", password, "hex"), innerOf(encoded)),
};

function check(password: string, encoded: string): Promise<boolean> {
  return inThreadPool(() => nativeBcrypt().verify(password, encoded));
}

function innerOf(encoded: string): string {
  return encoded.slice("$bcrypt-sha256".length);
}

function problemOf(encoded: string): string | undefined {
  const cost = form.exec(encoded)?.[1];
  if (cost === undefined) return "a damaged bcrypt hash";
  return Number(cost) >= 4 && Number(cost) <= 16 ? undefined : "bcrypt of a cost that is not 4 to 16";
}
