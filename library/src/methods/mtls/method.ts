import {
  type AddressMatcher,
  type CertificateOf,
  type Certificates,
  isRefusal,
  type Method,
  type MethodFactory,
  OptionFault,
} from "../../contracts/index.ts";
import { inAddressRanges, parseAddressRange } from "../../primitives/index.ts";
import { readAuthorities } from "./authorities.ts";
import { type CertificateClient, readClients, readClientsFile } from "./clients.ts";
import { renewedFrom, type Renewed } from "./file.ts";
import { type CertificateProxy, forms } from "./proxy.ts";
import { readCertificate } from "./read.ts";
import { readRevoked, type Revoked, type RevokedBy } from "./revoked.ts";
import { judgeCertificate, verifyCertificate, type VerifyParts } from "./verify.ts";

export interface MtlsOptions {
  /** The authorities whose certificates are taken, as PEM: yours, not those of the web. */
  readonly ca?: string | readonly string[];
  /** The same in a file, in place of `ca`. */
  readonly caFile?: string;
  /**
   * Whose certificates they are. One that is nobody's is refused, however valid; where nobody is named, certificates only
   * prove tokens that are bound to them.
   */
  readonly clients?: readonly CertificateClient[];
  /** The same list as JSON in a file, in place of `clients`. */
  readonly clientsFile?: string;
  /** Where a proxy ends TLS. Default: the certificate is that of the connection itself. */
  readonly proxy?: CertificateProxy;
  /**
   * Files of revoked certificates: lists that the authorities signed (CRL, RFC 5280 s.5), or thumbprints or serial numbers, one
   * a line. When a list of an authority has run out, no certificate of it is taken.
   */
  readonly revokedFile?: string | readonly string[];
}

/**
 * Mutual TLS, as a method of the gate.
 *
 *     createLatchkey({ methods: [mtls({ ca, clients: [{ as: "svc_billing", dns: "billing.internal", scopes: ["orders:read"] }] })], … });
 *
 * The server asks for certificates (`requestCert: true`) and need not refuse any itself (`rejectUnauthorized: false`): whether one
 * is good is judged here, in the same way wherever it came from. Files are read again within a second of a change; one that
 * cannot be used leaves what it said before, and is a fault in the background. Throws an OptionFault.
 */
export function mtls(options: MtlsOptions): MethodFactory & Certificates {
  const current = renewedParts(options);
  const certificateOf = certificateReader(options.proxy);
  const factory: MethodFactory = ({ onFault }): Method => ({
    name: "mtls",
    // It comes with every request of the connection: a token that is sent beside it is what was meant.
    ambient: true,
    reusable: true,
    queryParameters: [],
    read: (view) => readCertificate(view, certificateOf),
    verify: (credential, attempt) => verifyCertificate(credential, attempt, current(attempt.at, onFault)),
    challenge: () => undefined,
  });
  const judge: Certificates["judgeCertificate"] = (presented, at, onFault) => {
    const good = judgeCertificate(presented, at, current(at, onFault));
    return isRefusal(good) ? good : good.names;
  };
  return Object.assign(factory, { certificateOf, judgeCertificate: judge });
}

/** Authorities, clients and revoked ones, given once or by files. */
function renewedParts({ ca, caFile, clients, clientsFile, revokedFile }: MtlsOptions): Renewed<VerifyParts> {
  refuseBoth("caFile", ca, caFile);
  refuseBoth("clientsFile", clients, clientsFile);
  const authoritiesAt =
    caFile === undefined
      ? always(readAuthorities("ca", typeof ca === "string" ? [ca] : (ca ?? [])))
      : renewedFrom("caFile", caFile, (content) => readAuthorities("caFile", [content.toString("latin1")]));
  const clientsAt =
    clientsFile === undefined
      ? always(clients === undefined ? [] : readClients(clients))
      : renewedFrom("clientsFile", clientsFile, readClientsFile);
  const files = typeof revokedFile === "string" ? [revokedFile] : (revokedFile ?? []);
  const revokedAt = files.map((file) => believed(renewedFrom("revokedFile", file, readRevoked), authoritiesAt));
  return (at, onFault) => ({
    authorities: authoritiesAt(at, onFault),
    clients: clientsAt(at, onFault),
    revoked: revokedAt.map((one) => one(at, onFault)),
  });
}

/** What a file says, believed by the authorities of now: looked at again when either has changed, and kept as it was when none vouches. */
function believed(fileAt: Renewed<RevokedBy>, authoritiesAt: Renewed<VerifyParts["authorities"]>): Renewed<Revoked> {
  const nothing = (): void => undefined;
  let [said, by] = [fileAt(0, nothing), authoritiesAt(0, nothing)];
  let known = said(by);
  return (at, onFault) => {
    const [nowSaid, nowBy] = [fileAt(at, onFault), authoritiesAt(at, onFault)];
    if (nowSaid === said && nowBy === by) return known;
    [said, by] = [nowSaid, nowBy];
    try {
      known = said(by);
    } catch (error) {
      onFault(error);
    }
    return known;
  };
}

const always =
  <T>(value: T): Renewed<T> =>
  () =>
    value;

function refuseBoth(option: "caFile" | "clientsFile", value: unknown, file: string | undefined): void {
  if (value === undefined || file === undefined) return;
  throw new OptionFault(option, { got: file, allowed: `nothing beside ${option.slice(0, -4)}`, example: "undefined" });
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
