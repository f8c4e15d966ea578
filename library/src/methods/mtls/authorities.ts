import { X509Certificate } from "node:crypto";
import { OptionFault } from "../../contracts/index.ts";

/** Reads the certificates of authorities. Throws an OptionFault: one at least, and each may issue others. */
export function readAuthorities(option: string, texts: readonly string[]): readonly X509Certificate[] {
  const found = texts.flatMap((text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []);
  const problem = {
    got: `${found.length} certificates`,
    allowed: "certificates of authorities, as PEM",
    example: option === "ca" ? 'readFileSync("ca.pem", "utf8")' : '"ca.pem"',
  };
  if (found.length === 0) throw new OptionFault(option, problem);
  return found.map((text) => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(text);
    } catch {
      throw new OptionFault(option, { ...problem, got: "what cannot be read as a certificate" });
    }
    if (!certificate.ca) throw new OptionFault(option, { ...problem, got: "a certificate that may issue none" });
    return certificate;
  });
}
