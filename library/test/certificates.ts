// Certificates made by openssl, in a folder of their own.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface MadeCertificate {
  readonly name: string;
  readonly key: string;
  readonly cert: string;
}

export interface MakeOptions {
  /** Who signs; itself where left out. */
  readonly by?: MadeCertificate;
  readonly subject?: string;
  /** Lines of extensions; `CA:FALSE`, clientAuth where left out. */
  readonly extensions?: readonly string[];
  readonly days?: number;
  /** Hexadecimal; the next one where left out. */
  readonly serial?: string;
  readonly digest?: string;
  /** Arguments that make the key; an elliptic one where left out. */
  readonly keyArguments?: readonly string[];
}

export interface Workshop {
  make(name: string, options?: MakeOptions): MadeCertificate;
  /** openssl itself, in this folder. */
  openssl(...argv: string[]): void;
  /** What openssl prints. */
  read(...argv: string[]): string;
  readonly folder: string;
  remove(): void;
}

export const authorityExtensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

export function workshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-certificates-"));
  const at = (name: string) => join(folder, name);
  const openssl = (...argv: string[]): void => void execFileSync("openssl", argv, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let serial = 0x1000;
  return {
    folder,
    openssl,
    read: (...argv) => execFileSync("openssl", argv, { cwd: folder, encoding: "utf8" }),
    make(name, options = {}) {
      const { by, subject = `/O=Acme/CN=${name}`, digest = "sha256", days = 30 } = options;
      const extensions = options.extensions ?? ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth"];
      const keyArguments = options.keyArguments ?? ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
      openssl(...keyArguments, "-out", at(`${name}.key`));
      openssl("req", "-new", "-key", at(`${name}.key`), "-subj", subject, "-out", at(`${name}.csr`));
      writeFileSync(at(`${name}.ext`), extensions.join("\n"));
      serial += 1;
      const signer = by === undefined ? ["-signkey", at(`${name}.key`)] : ["-CA", at(`${by.name}.pem`), "-CAkey", at(`${by.name}.key`)];
      const argv = ["x509", "-req", "-in", at(`${name}.csr`), "-out", at(`${name}.pem`), `-${digest}`, "-extfile", at(`${name}.ext`)];
      openssl(...argv, "-days", String(days), "-set_serial", `0x${options.serial ?? serial.toString(16)}`, ...signer);
      return { name, key: readFileSync(at(`${name}.key`), "utf8"), cert: readFileSync(at(`${name}.pem`), "utf8") };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
