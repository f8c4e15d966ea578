import { X509Certificate } from "node:crypto";
import {
  type CertificateNames,
  type CertificateOf,
  isRefusal,
  type MaybePromise,
  type PeerCertificate,
  type Refusal,
  type RequestView,
} from "../../../../contracts/index.ts";
import {
  inAddressRanges,
  type JsonObject,
  parseAddressRange,
  parseDistinguishedName,
  sha256,
  subjectParts,
} from "../../../../primitives/index.ts";
import type { KnownClient } from "../clients/index.ts";
import type { RequestParameters } from "../parameters.ts";
import { oauthRefusals } from "../refusals.ts";
import type { ClientAuthentication, Presented } from "./way.ts";

export interface TlsClientParts {
  readonly certificateOf: CertificateOf;
  /** The names of a certificate that our authorities issued and that holds now. */
  readonly judge: (presented: PeerCertificate, at: number) => CertificateNames | Refusal;
}

interface SelfSignedParts extends Pick<TlsClientParts, "certificateOf"> {
  /** Whether the client registered the certificate with this SHA-256. Rejects with a Fault when that cannot be fetched. */
  readonly isRegistered: (client: KnownClient, thumbprint: string) => MaybePromise<boolean>;
}

/** `tls_client_auth`: a certificate of our authorities, by the one name that the client registered (RFC 8705 s.2.1). */
export function tlsClientAuth({ certificateOf, judge }: TlsClientParts): ClientAuthentication {
  return {
    name: "tls_client_auth",
    implied: true,
    read: (view, parameters) => readCertificate(view, parameters, certificateOf),
    verify(presented, client, at) {
      const certificate = certificateIn(presented);
      if (isRefusal(certificate)) return certificate;
      const known = judge(certificate, at);
      if (isRefusal(known)) return bad(`${client.id}: ${known.code}: ${known.detail}`);
      return isKnownBy(client.metadata, known) ? undefined : bad(`${client.id}: its certificate has another name than the registered one`);
    },
  };
}

/** `self_signed_tls_client_auth`: the very certificate that the client registered with its keys, whoever issued it (RFC 8705 s.2.2). */
export function selfSignedTlsClientAuth({ certificateOf, isRegistered }: SelfSignedParts): ClientAuthentication {
  return {
    name: "self_signed_tls_client_auth",
    implied: true,
    read: (view, parameters) => readCertificate(view, parameters, certificateOf),
    async verify(presented, client, at) {
      const shown = certificateIn(presented);
      if (isRefusal(shown)) return shown;
      if (!holds(shown.certificate, at)) return bad(`${client.id}: its certificate does not hold now`);
      return (await isRegistered(client, sha256(shown.certificate))) ? undefined : bad(`${client.id}: none of its registered certificates`);
    },
  };
}

function readCertificate(view: RequestView, parameters: RequestParameters, certificateOf: CertificateOf): Presented | undefined {
  const clientId = parameters.get("client_id");
  if (clientId === undefined) return undefined;
  const certificate = certificateOf(view);
  const proof = certificate === undefined || typeof certificate === "string" ? "" : sha256(certificate.certificate);
  return { clientId, proof, certificate };
}

function holds(der: Uint8Array, at: number): boolean {
  try {
    const { validFrom, validTo } = new X509Certificate(der);
    return at >= Date.parse(validFrom) && at <= Date.parse(validTo);
  } catch {
    return false;
  }
}

function certificateIn({ certificate }: Presented): PeerCertificate | Refusal {
  if (certificate === undefined) return bad("no client certificate");
  return typeof certificate === "string" ? bad(certificate) : certificate;
}

/** Whole and exactly; of a distinguished name each part, of an address its bytes. */
function isKnownBy(metadata: JsonObject, { uris, dns, addresses, emails, subject }: CertificateNames): boolean {
  const registered = (name: string): string | undefined => {
    const value = metadata[`tls_client_auth_${name}`];
    return typeof value === "string" ? value : undefined;
  };
  const [dn, name, uri, ip, email] = ["subject_dn", "san_dns", "san_uri", "san_ip", "san_email"].map(registered);
  if (dn !== undefined) return sameParts(parseDistinguishedName(dn), subjectParts(subject));
  if (name !== undefined) return dns.includes(name.toLowerCase());
  if (uri !== undefined) return uris.includes(uri);
  if (email !== undefined) return emails.includes(email);
  const range = ip === undefined ? undefined : parseAddressRange(ip);
  return range !== undefined && addresses.some((address) => inAddressRanges(address, [range]));
}

function sameParts(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return one !== undefined && one.length === other?.length && one.every((part, index) => part === other[index]);
}

const bad = (detail: string): Refusal => oauthRefusals["invalid-client"]({ detail });
