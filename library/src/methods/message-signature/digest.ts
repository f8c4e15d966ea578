import { createHash } from "node:crypto";
import { readDictionary, sameBytes } from "../../primitives/index.ts";

const hashes: Readonly<Record<string, string>> = { "sha-256": "sha256", "sha-512": "sha512" };

/**
 * What is wrong with a Content-Digest (RFC 9530 s.2) for these bytes; undefined: it fits. Every digest that is known here has to fit, and
 * there has to be one: the old ones (md5, sha, …) prove nothing.
 */
export function digestProblem(field: string, body: Uint8Array): string | undefined {
  const members = readDictionary(field);
  if (members === undefined) return "Content-Digest is no dictionary";
  let fitting = 0;
  for (const [name, member] of members) {
    const hash = Object.hasOwn(hashes, name) ? hashes[name] : undefined;
    if (hash === undefined) continue;
    if (member.kind !== "item" || member.item.kind !== "bytes") return `${name} is no byte sequence`;
    if (!sameBytes(createHash(hash).update(body).digest(), member.item.value)) return `${name} is of another body`;
    fitting += 1;
  }
  return fitting === 0 ? "Content-Digest has neither sha-256 nor sha-512" : undefined;
}

/** Content-Digest of a body. */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}
