import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../usage.ts";
import { type Authority, dayMs, earlierMs, newKey, writeWhole } from "./authority.ts";
import { makeCertificate, type Names } from "./certificate.ts";

export interface Issued {
  readonly certificate: string;
  readonly key: string;
  readonly expiresAt: number;
}

interface Wanted {
  readonly file: string;
  readonly name: string;
  readonly purpose: "server" | "client";
  readonly names: Names;
  readonly days: number;
  readonly at: number;
}

/** Issues a certificate with a key of its own, in place of one of this name. */
export function issueCertificate(folder: string, authority: Authority, { file, name, purpose, names, days, at }: Wanted): Issued {
  const { publicKey, pem } = newKey();
  // No certificate outlives whoever vouches for it.
  const to = Math.min(at + days * dayMs, authority.expiresAt);
  const [certificate, key] = [join(folder, `${file}.pem`), join(folder, `${file}.key`)];
  const made = makeCertificate({ name, publicKey, issuer: authority, from: at - earlierMs, to, purpose, names });
  writeWhole(key, pem);
  writeWhole(certificate, made);
  return { certificate, key, expiresAt: Math.floor(to / 1_000) * 1_000 };
}

/** Who is known by what: an entry of the list that the server reads. */
export interface ListedClient {
  readonly as: string;
  readonly uri?: string;
  readonly dns?: string;
  readonly scopes: readonly string[];
}

/** Puts a client into the list, in place of one with the same subject. */
export function listClient(file: string, client: ListedClient): void {
  let known: unknown = [];
  try {
    if (existsSync(file)) known = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    known = undefined;
  }
  if (!Array.isArray(known)) throw new UsageError(`${file} holds no JSON list. Mend it, or move it away.`);
  const others = (known as readonly ListedClient[]).filter((one) => one?.as !== client.as);
  writeWhole(file, `${JSON.stringify([...others, client], undefined, 2)}\n`);
}
