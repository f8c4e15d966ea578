import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NotDone } from "../usage.ts";
import { makeCertificate } from "./certificate.ts";

/** The authority of a development machine: whoever reads its key can be every client of it. */
export interface Authority {
  /** Path of its certificate. */
  readonly file: string;
  readonly name: string;
  readonly key: KeyObject;
  readonly expiresAt: number;
}

const name = "Latchkey development authority";
export const dayMs = 86_400_000;
const lifeDays = 730;
/** Clocks of other machines may be behind. */
export const earlierMs = 300_000;

/** The authority of this folder; made where there is none. Of several processes that do so at once one wins, and all get its authority. */
export function openAuthority(folder: string, at: number): Authority {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [file, keyFile] = [join(folder, "ca.pem"), join(folder, "ca.key")];
  if (!existsSync(keyFile)) writeOnce(keyFile, newKey().pem);
  const key = createPrivateKey(readFileSync(keyFile, "utf8"));
  if (!existsSync(file)) {
    const to = at + lifeDays * dayMs;
    const publicKey = createPublicKey(key);
    writeOnce(file, makeCertificate({ name, publicKey, issuer: { name, key }, from: at - earlierMs, to, purpose: "authority" }));
  }
  const certificate = new X509Certificate(readFileSync(file));
  const expiresAt = Date.parse(certificate.validTo);
  const again = `Move ${file} and ${keyFile} away, and both are made anew; every certificate of it has to be issued again.`;
  if (!certificate.checkPrivateKey(key)) throw new NotDone(`${keyFile} does not belong to ${file}. ${again}`);
  if (at >= expiresAt) throw new NotDone(`${file} expired on ${certificate.validTo}. ${again}`);
  return { file, name, key, expiresAt };
}

export function newKey(): { readonly publicKey: KeyObject; readonly pem: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { publicKey, pem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Appears whole, for its owner only, in place of what was there. */
export function writeWhole(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, file);
}

/** The same, unless another is there already. */
function writeOnce(file: string, content: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
}
