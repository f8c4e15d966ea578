import type { Ephemeral, Policy } from "../contracts/index.ts";
import { createBinding, createDpop, createNonces, type Dpop } from "../dpop/index.ts";
import { type ConfirmationProof, confirmationPolicy } from "../policies/confirmation/index.ts";
import { certificateProof } from "../methods/mtls/index.ts";
import { deriveKeys } from "../primitives/index.ts";
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
    "x5t#S256": certificateProof(settings.methods),
  };
  return { dpop, proofs: Object.keys(proofs), policy: confirmationPolicy(proofs) };
}
