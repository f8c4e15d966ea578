import type { CertificateOf } from "../../../../contracts/index.ts";
import { sha256 } from "../../../../primitives/index.ts";
import type { Binding } from "../grants/index.ts";
import { oauthRefusals } from "../refusals.ts";

/**
 * Binds tokens of a client that is registered with `tls_client_certificate_bound_access_tokens` to the certificate that it comes
 * with (RFC 8705 s.3); it gets no others. Whether the certificate is good is not asked: the key is what counts.
 */
export function certificateBinding(certificateOf: CertificateOf): Binding {
  return {
    metadata: { tls_client_certificate_bound_access_tokens: true },
    bind({ view, client }) {
      if (client.metadata["tls_client_certificate_bound_access_tokens"] !== true) return undefined;
      const shown = certificateOf(view);
      if (shown === undefined || typeof shown === "string")
        return oauthRefusals["invalid-request"]({
          detail: shown ?? "none",
          hint: "The tokens of this client are bound to its certificate: come with one.",
        });
      return { confirmation: { "x5t#S256": sha256(shown.certificate) }, tokenType: "Bearer" };
    },
  };
}
