import type { CertificateOf, Ephemeral, MethodFactory, Policy } from "../contracts/index.ts";
import { createBinding, createDpop, createNonces, type Dpop } from "../dpop/index.ts";
import { type ConfirmationProof, confirmationPolicy } from "../policies/confirmation/index.ts";
import { mtlsRefusals } from "../methods/mtls/index.ts";
import { deriveKeys, sha256 } from "../primitives/index.ts";
import type { Settings } from "../options.ts";

/** What a token can be bound to, and the policy that has it proven on each request. */
export interface Confirmations {
  readonly dpop: Dpop;
  /** Members of `cnf` that are proven: tokens with others are refused. */
  readonly proofs: readonly string[];
  readonly policy: Policy;
}

export function wireConfirmations(settings: Settings, ephemeral: Ephemeral): Confirmations {
  const nonces = createNonces(deriveKeys(settings.secrets, "dpop-nonce"));
  const dpop = createDpop({ ephemeral, nonces, requireNonce: settings.dpop.requireNonce });
  const binding = createBinding(dpop, settings.dpop.bases);
  const proofs: Record<string, ConfirmationProof> = {
    jkt: (thumbprint, { credential, view, at }) =>
      binding(thumbprint, { view, scheme: credential.scheme, token: credential.secret.reveal(), at }),
  };
  // RFC 8705 s.3: whoever uses the token has the key of the certificate that it names.
  const certificateOf = certificateReaderOf(settings.methods);
  proofs["x5t#S256"] = (thumbprint, { view }) => {
    if (thumbprint === undefined) return undefined;
    const shown = certificateOf(view);
    const found = shown === undefined || typeof shown === "string" ? undefined : sha256(shown.certificate);
    if (found === thumbprint) return undefined;
    return mtlsRefusals["bound-elsewhere"]({ detail: `bound to ${thumbprint}, came with ${found ?? "no certificate"}` });
  };
  return { dpop, proofs: Object.keys(proofs), policy: confirmationPolicy(proofs) };
}

/** The method `mtls` knows where certificates come from; without it they are those of the connection. */
function certificateReaderOf(methods: readonly MethodFactory[]): CertificateOf {
  const given = methods.find((method): method is MethodFactory & { readonly certificateOf: CertificateOf } => "certificateOf" in method);
  return given?.certificateOf ?? ((view) => view.certificate?.());
}
