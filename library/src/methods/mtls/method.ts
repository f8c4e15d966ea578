import { X509Certificate } from "node:crypto";
import { type AddressMatcher, type CertificateOf, type Method, type MethodFactory, OptionFault } from "../../contracts/index.ts";
import { inAddressRanges, parseAddressRange } from "../../primitives/index.ts";
import { type CertificateClient, readClients } from "./clients.ts";
import { type CertificateProxy, forms } from "./proxy.ts";
import { readCertificate } from "./read.ts";
import { revokedFile } from "./revoked.ts";
import { verifyCertificate } from "./verify.ts";

export interface MtlsOptions {
  /** The authorities whose certificates are taken, as PEM: yours, not those of the web. */
  readonly ca: string | readonly string[];
  /** Whose certificates they are. One that is nobody's is refused, however valid. */
  readonly clients: readonly CertificateClient[];
  /** Where a proxy ends TLS. Default: the certificate is that of the connection itself. */
  readonly proxy?: CertificateProxy;
  /** A file of revoked certificates: thumbprints or serial numbers, one a line, looked at again at most once a second. */
  readonly revokedFile?: string;
}

/**
 * Mutual TLS, as a method of the gate.
 *
 *     createLatchkey({ methods: [mtls({ ca, clients: [{ as: "svc_billing", dns: "billing.internal", scopes: ["orders:read"] }] })], … });
 *
 * The server asks for certificates (`requestCert: true`) and need not refuse any itself (`rejectUnauthorized: false`): whether one
 * is good is judged here, in the same way wherever it came from. Throws an OptionFault.
 */
export function mtls(options: MtlsOptions): MethodFactory & { readonly certificateOf: CertificateOf } {
  const authorities = readAuthorities(options.ca);
  const clients = readClients(options.clients);
  const certificateOf = certificateReader(options.proxy);
  const factory: MethodFactory = ({ onFault }): Method => {
    const revoked = options.revokedFile === undefined ? undefined : revokedFile(options.revokedFile, onFault);
    return {
      name: "mtls",
      // It comes with every request of the connection: a token that is sent beside it is what was meant.
      ambient: true,
      reusable: true,
      queryParameters: [],
      read: (view) => readCertificate(view, certificateOf),
      verify: (credential, attempt) => verifyCertificate(credential, attempt, { authorities, clients, revoked }),
      challenge: () => undefined,
    };
  };
  return Object.assign(factory, { certificateOf });
}

/** The certificate that the client of a request proved to have: of the connection, or as the configured proxy says. */
function certificateReader(proxy: CertificateProxy | undefined): CertificateOf {
  if (proxy === undefined) return (view) => view.certificate?.();
  const { form } = proxy;
  if (typeof form !== "string" || !Object.hasOwn(forms, form))
    throw new OptionFault("proxy.form", { got: form, allowed: Object.keys(forms).join(", "), example: '"client-cert"' });
  const addresses = readAddresses(proxy.addresses);
  const told = forms[form];
  return (view) => (addresses.matches(view.peerAddress) ? told(view) : view.certificate?.());
}

function readAddresses(list: readonly string[]): Pick<AddressMatcher, "matches"> {
  const ranges = (Array.isArray(list) ? list : []).map((text: string) => (typeof text === "string" ? parseAddressRange(text) : undefined));
  const known = ranges.filter((range) => range !== undefined);
  if (known.length === 0 || known.length < ranges.length)
    throw new OptionFault("proxy.addresses", { got: list, allowed: "addresses or ranges of the proxy", example: '["10.0.0.7"]' });
  return { matches: (address) => inAddressRanges(address, known) };
}

function readAuthorities(ca: string | readonly string[]): readonly X509Certificate[] {
  const texts = (typeof ca === "string" ? [ca] : ca).flatMap(
    (text) => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [],
  );
  const problem = {
    got: `${texts.length} certificates`,
    allowed: "certificates of authorities, as PEM",
    example: 'readFileSync("ca.pem", "utf8")',
  };
  if (texts.length === 0) throw new OptionFault("ca", problem);
  return texts.map((text) => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(text);
    } catch {
      throw new OptionFault("ca", { ...problem, got: "what cannot be read as a certificate" });
    }
    if (!certificate.ca) throw new OptionFault("ca", { ...problem, got: "a certificate that may issue none" });
    return certificate;
  });
}
