import type { X509Certificate } from "node:crypto";
import { OptionFault } from "../../contracts/index.ts";

/** Certificates that are refused although they are valid: by SHA-256 thumbprint or serial number. */
export interface Revoked {
  has(certificate: X509Certificate): boolean;
}

/**
 * Reads a list with one thumbprint or serial number, in hexadecimal, on each line; `#` begins a comment. Throws an OptionFault
 * for any other line.
 */
export function readRevoked(content: Buffer): Revoked {
  const lines = content
    .toString("utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().replaceAll(":", ""))
    .filter((line) => line !== "");
  const bad = lines.findIndex((line) => !/^[0-9A-Fa-f]{1,64}$/.test(line));
  if (bad !== -1)
    throw new OptionFault("revokedFile", {
      got: `line ${bad + 1} of the entries`,
      allowed: "thumbprints or serial numbers in hexadecimal, one a line",
      example: '"/etc/latchkey/revoked.txt"',
    });
  const list = new Set(lines.map((line) => (line.length === 64 ? line.toLowerCase() : serial(line))));
  return {
    has: ({ fingerprint256, serialNumber }) => list.has(fingerprint256.replaceAll(":", "").toLowerCase()) || list.has(serial(serialNumber)),
  };
}

const serial = (text: string): string => text.toLowerCase().replace(/^0+(?=.)/, "");
