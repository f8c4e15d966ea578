import type { MethodFactory } from "./method.ts";
import type { Refusal } from "./refusal.ts";
import type { CertificateOf, PeerCertificate } from "./request.ts";

/** The names by which a certificate can be known. */
export interface CertificateNames {
  readonly uris: readonly string[];
  /** In small letters. */
  readonly dns: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  /** A part a line, in the order of the certificate. */
  readonly subject: string;
  /** SHA-256, base64url. */
  readonly thumbprint: string;
}

/** Where certificates of clients come from here, and which of them are good. */
export interface Certificates {
  readonly certificateOf: CertificateOf;
  /** The names of one that our authorities issued and that holds now; a refusal: what is wrong. */
  readonly judgeCertificate: (presented: PeerCertificate, at: number, onFault: (error: unknown) => void) => CertificateNames | Refusal;
}

/** What there is of certificates among methods of the gate; undefined: none is asked for. */
export function certificatesAmong(methods: readonly MethodFactory[]): Certificates | undefined {
  return methods.find((method): method is MethodFactory & Certificates => "judgeCertificate" in method && "certificateOf" in method);
}
