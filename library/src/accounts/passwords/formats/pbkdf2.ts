import { pbkdf2 as pbkdf2Of } from "node:crypto";
import { promisify } from "node:util";
import { sameSecret } from "../../../primitives/index.ts";
import { inThreadPool } from "../thread-pool.ts";
import type { HashFormat } from "./format.ts";
import { parsePhc } from "./phc.ts";

const pbkdf2InPool = promisify(pbkdf2Of);

const digests: ReadonlyMap<string, string> = new Map([
  ["pbkdf2-sha1", "sha1"],
  ["pbkdf2-sha256", "sha256"],
  ["pbkdf2-sha512", "sha512"],
]);

/** PBKDF2 (RFC 8018 s.5.2) as `$pbkdf2-sha256$i=…$salt$hash`. */
export const pbkdf2: HashFormat = {
  recognizes: (encoded) => encoded.startsWith("$pbkdf2-"),
  problem(encoded) {
    const phc = parsePhc(encoded);
    if (phc?.parts.length !== 2 || !digests.has(phc.id)) return "a damaged PBKDF2 hash, or one that is not of SHA-1, SHA-256 or SHA-512";
    const iterations = phc.parameters.get("i") ?? 0;
    if (iterations < 1 || iterations > 10_000_000) return "PBKDF2 of a cost that is not 1 to 10000000 iterations";
    const length = phc.parts[1]!.length;
    return length < 16 || length > 256 ? "a PBKDF2 hash that is not 16 to 256 bytes long" : undefined;
  },
  async verify(encoded, password) {
    const { id, parameters, parts } = parsePhc(encoded)!;
    const [salt, expected] = parts as [Buffer, Buffer];
    const iterations = parameters.get("i")!;
    const made = await inThreadPool(() => pbkdf2InPool(password, salt, iterations, expected.length, digests.get(id)!));
    return sameSecret(made, expected);
  },
};
