import type { CertificateOf, Credential, PeerCertificate, Refusal, RequestView } from "../../contracts/index.ts";
import { Secret, sha256 } from "../../primitives/index.ts";
import { mtlsRefusals } from "./refusals.ts";

/** A client certificate as it was presented, not yet believed. */
export interface CertificateCredential extends Credential {
  readonly presented: PeerCertificate;
}

/** Finds the client's certificate. What a browser sends along for a page of another site is refused: it was not meant. */
export function readCertificate(view: RequestView, certificateOf: CertificateOf): CertificateCredential | Refusal | undefined {
  const presented = certificateOf(view);
  if (presented === undefined) return undefined;
  if (typeof presented === "string") return mtlsRefusals.malformed({ detail: presented });
  if (changes(view.method) && fromElsewhere(view)) return mtlsRefusals["from-a-page"]({ detail: "Sec-Fetch-Site or Origin of a page" });
  const whole = [presented.certificate, ...presented.chain].map((der) => Buffer.from(der).toString("base64")).join(" ");
  const hint = `x5t#S256 ${sha256(presented.certificate)}`;
  return { method: "mtls", secret: new Secret(whole), scheme: undefined, hint, presented };
}

const changes = (method: string): boolean => method !== "GET" && method !== "HEAD" && method !== "OPTIONS";

/** A program sends neither field. */
function fromElsewhere(view: RequestView): boolean {
  const site = view.header("sec-fetch-site");
  return site === undefined ? view.header("origin") !== undefined : site !== "same-origin" && site !== "none";
}
