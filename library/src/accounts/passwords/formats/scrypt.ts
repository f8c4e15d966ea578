import { createCipheriv, scrypt as scryptOf, type ScryptOptions } from "node:crypto";
import { promisify } from "node:util";
import { sameSecret } from "../../../primitives/index.ts";
import { inThreadPool } from "../thread-pool.ts";
import type { HashFormat } from "./format.ts";
import { parsePhc, type Phc } from "./phc.ts";

const scryptInPool = promisify<string, Buffer, number, ScryptOptions, Buffer>(scryptOf);

/** N * r * 128 bytes that one hash may take. */
const mostMemory = 256 * 1024 * 1024;

/** scrypt (RFC 7914) as `$scrypt$ln=…,r=…,p=…$salt$hash`. */
export const scrypt: HashFormat = {
  recognizes: (encoded) => encoded.startsWith("$scrypt$"),
  problem: (encoded) => problemOf(parsePhc(encoded), 2, 1),
  async verify(encoded, password) {
    const { parameters, parts } = parsePhc(encoded)!;
    const [salt, expected] = parts as [Buffer, Buffer];
    return sameSecret(await derive(password, salt, expected.length, parameters), expected);
  },
};

/**
 * Firebase's scrypt: the derived key encrypts the project's signer key (AES-256-CTR, counter 0), and that is the hash.
 * `$firebase-scrypt$ln=…,r=…,p=1$salt and separator$signer key$hash`.
 */
export const firebaseScrypt: HashFormat = {
  recognizes: (encoded) => encoded.startsWith("$firebase-scrypt$"),
  problem: (encoded) => problemOf(parsePhc(encoded), 3, 2),
  async verify(encoded, password) {
    const { parameters, parts } = parsePhc(encoded)!;
    const [salt, signerKey, expected] = parts as [Buffer, Buffer, Buffer];
    const key = await derive(password, salt, 32, parameters);
    const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
    const made = Buffer.concat([cipher.update(signerKey), cipher.final()]);
    return sameSecret(made, expected);
  },
};

function problemOf(phc: Phc | undefined, parts: number, hashAt: number): string | undefined {
  if (phc?.parts.length !== parts) return "a damaged scrypt hash";
  const [ln, r, p] = ["ln", "r", "p"].map((name) => phc.parameters.get(name) ?? 0) as [number, number, number];
  if (ln < 1 || r < 1 || p < 1 || ln > 30 || 2 ** ln * r * 128 > mostMemory || p > 16) return "scrypt of a cost beyond 256 MiB or p=16";
  const length = phc.parts[hashAt]!.length;
  return length < 16 || length > 256 ? "a scrypt hash that is not 16 to 256 bytes long" : undefined;
}

function derive(password: string, salt: Buffer, length: number, parameters: Phc["parameters"]): Promise<Buffer> {
  const options = { N: 2 ** parameters.get("ln")!, r: parameters.get("r")!, p: parameters.get("p")!, maxmem: mostMemory * 2 };
  return inThreadPool(() => scryptInPool(password, salt, length, options));
}
