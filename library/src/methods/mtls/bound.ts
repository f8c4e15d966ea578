import { type Attempt, type CertificateOf, certificatesAmong, type MethodFactory, type Refusal } from "../../contracts/index.ts";
import { sha256 } from "../../primitives/index.ts";
import { mtlsRefusals } from "./refusals.ts";

/**
 * Proves that a token which is bound to a certificate (`cnf` with `x5t#S256`, RFC 8705 s.3) came with it. Among the given methods
 * `mtls` knows where certificates come from; without it they are those of the connection.
 */
export function certificateProof(methods: readonly MethodFactory[]) {
  const certificateOf: CertificateOf = certificatesAmong(methods)?.certificateOf ?? ((view) => view.certificate?.());
  return (thumbprint: string | undefined, { view }: Attempt): Refusal | undefined => {
    if (thumbprint === undefined) return undefined;
    const shown = certificateOf(view);
    const found = shown === undefined || typeof shown === "string" ? undefined : sha256(shown.certificate);
    if (found === thumbprint) return undefined;
    return mtlsRefusals["bound-elsewhere"]({ detail: `bound to ${thumbprint}, came with ${found ?? "no certificate"}` });
  };
}
