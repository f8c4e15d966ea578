import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { Configuration, SettingKey } from "../configuration/index.ts";
import { UsageError } from "../usage.ts";

/** What TLS is done with, as it stands in the files now. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authorities of client certificates; undefined: none is asked for. */
  readonly ca: string | undefined;
  /** The certificate that clients are shown. */
  readonly certificate: X509Certificate;
  /** What works, and should be mended. */
  readonly warnings: readonly string[];
}

type FileSetting = Extract<SettingKey, "tlsCert" | "tlsKey" | "clientCa">;

/**
 * Reads and checks certificate, key and authorities; undefined: the server speaks plain http. Throws a UsageError that names
 * the file and what is wrong with it; a certificate that has expired is a warning, since it is of use to whoever finds out why.
 */
export function readTlsFiles(configuration: Configuration, at: number): TlsFiles | undefined {
  const { tlsCert, tlsKey, clientCa } = configuration.values;
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const about = (key: FileSetting) => `${configuration.origins[key]}: ${configuration.values[key]}`;
  const cert = contentOf(tlsCert, about("tlsCert"));
  const [certificate] = certificatesIn(cert, about("tlsCert"));
  const key = contentOf(tlsKey, about("tlsKey"));
  checkKey(key, certificate, about("tlsKey"), tlsCert);
  const ca = clientCa === undefined ? undefined : contentOf(clientCa, about("clientCa"));
  if (ca !== undefined && certificatesIn(ca, about("clientCa")).some((one) => !one.ca))
    throw new UsageError(`${about("clientCa")} holds a certificate that may issue none. Allowed: certificates of authorities (CA:TRUE).`);
  const warnings = [...datesOf(certificate, about("tlsCert"), at), ...modeOf(tlsKey, about("tlsKey"))];
  return { cert, key, ca, certificate, warnings };
}

function contentOf(file: string, about: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === "ENOENT" ? "does not exist" : code === "EACCES" ? "may not be read by this user" : `cannot be read (${code})`;
    throw new UsageError(`${about} ${problem}.`);
  }
}

function certificatesIn(text: string, about: string): [X509Certificate, ...X509Certificate[]] {
  const [first, ...rest] = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (first === undefined)
    throw new UsageError(
      `${about} holds no certificate in PEM form. Allowed: blocks of -----BEGIN CERTIFICATE-----, as openssl makes them.`,
    );
  try {
    return [new X509Certificate(first), ...rest.map((one) => new X509Certificate(one))];
  } catch {
    throw new UsageError(`${about} holds a PEM block that cannot be read as a certificate.`);
  }
}

function checkKey(text: string, certificate: X509Certificate, about: string, certFile: string): void {
  const kind = /-----BEGIN ((?:[A-Z]+ )*)PRIVATE KEY-----/.exec(text)?.[1];
  if (kind === undefined)
    throw new UsageError(
      `${about} holds no private key in PEM form. Allowed: a block of -----BEGIN PRIVATE KEY-----, as openssl makes it.`,
    );
  if (kind.includes("ENCRYPTED") || text.includes("Proc-Type: 4,ENCRYPTED"))
    throw new UsageError(
      `${about} is encrypted, and nobody is here to type its password. Take it off with: openssl pkey -in FILE -out PLAIN`,
    );
  let belongs: boolean;
  try {
    belongs = certificate.checkPrivateKey(createPrivateKey(text));
  } catch {
    throw new UsageError(`${about} holds a PEM block that cannot be read as a private key.`);
  }
  if (!belongs)
    throw new UsageError(
      `${about} does not belong to the certificate in ${certFile} (${subjectOf(certificate)}). In that file the server's own certificate comes first.`,
    );
}

function datesOf(certificate: X509Certificate, about: string, at: number): string[] {
  const { validFrom, validTo } = certificate;
  if (at > Date.parse(validTo)) return [`${about} expired on ${validTo}: clients refuse it`];
  if (at < Date.parse(validFrom)) return [`${about} is not valid before ${validFrom}: clients refuse it`];
  const daysLeft = Math.floor((Date.parse(validTo) - at) / 86_400_000);
  const shortLived = Date.parse(validTo) - Date.parse(validFrom) < 30 * 86_400_000;
  return daysLeft < 7 && !shortLived ? [`${about} expires on ${validTo}, in ${daysLeft} days`] : [];
}

function modeOf(file: string, about: string): string[] {
  return (statSync(file).mode & 0o007) === 0 ? [] : [`${about} can be read by everybody on this machine. Mend it with: chmod 600 ${file}`];
}

const subjectOf = ({ subject }: X509Certificate): string => (subject ?? "without a subject").replaceAll("\n", ", ");
