import { readFileSync, statSync } from "node:fs";
import type { X509Certificate } from "node:crypto";
import { OptionFault } from "../../contracts/index.ts";

/** Certificates that are refused although they are valid: by SHA-256 thumbprint or serial number. */
export interface Revoked {
  has(certificate: X509Certificate, at: number): boolean;
}

const lookEveryMs = 1_000;

/**
 * Reads a file with one thumbprint or serial number, in hexadecimal, on each line; `#` begins a comment. Looked at again at
 * most once a second. A file that has become unreadable or malformed leaves the list as it was, and is told: what was
 * revoked stays so. Throws an OptionFault when it cannot be read at the start.
 */
export function revokedFile(file: string, onFault: (error: unknown) => void): Revoked {
  let list = read(file);
  let stamp = stampOf(file);
  let lookAt = 0;
  const look = (): void => {
    try {
      const now = stampOf(file);
      if (now === stamp) return;
      list = read(file);
      stamp = now;
    } catch (error) {
      onFault(error);
    }
  };
  return {
    has(certificate, at) {
      if (at >= lookAt) {
        lookAt = at + lookEveryMs;
        look();
      }
      return list.has(certificate.fingerprint256.replaceAll(":", "").toLowerCase()) || list.has(serial(certificate.serialNumber));
    },
  };
}

function stampOf(file: string): string {
  const { mtimeMs, size, ino } = statSync(file);
  return `${mtimeMs} ${size} ${ino}`;
}

function read(file: string): ReadonlySet<string> {
  const problem = {
    got: file,
    allowed: "a file of thumbprints or serial numbers in hexadecimal, one a line",
    example: '"/etc/latchkey/revoked.txt"',
  };
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new OptionFault("revokedFile", problem);
  }
  const lines = text
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().replaceAll(":", ""))
    .filter((line) => line !== "");
  const bad = lines.findIndex((line) => !/^[0-9A-Fa-f]{1,64}$/.test(line));
  if (bad !== -1) throw new OptionFault("revokedFile", { ...problem, got: `line ${bad + 1} of the entries` });
  return new Set(lines.map((line) => (line.length === 64 ? line.toLowerCase() : serial(line))));
}

const serial = (text: string): string => text.toLowerCase().replace(/^0+(?=.)/, "");
