import { type Challenge, type Ephemeral, type MethodFactory, OptionFault, type Policy } from "../contracts/index.ts";
import { createBinding, createDpop, createNonces } from "../dpop/index.ts";
import { isSafeUrl } from "../methods/jwt/index.ts";
import { certificateProof } from "../methods/mtls/index.ts";
import { type ConfirmationProof, confirmationPolicy } from "../policies/confirmation/index.ts";
import { deriveKeys, newMasterSecret } from "../primitives/index.ts";

/** How tokens that are bound to a key are proven here (RFC 9449). */
export interface ResourceDpopOptions {
  /** Whether every proof needs a nonce of this process: then each node of several needs its clients to keep to it. Default: no. */
  readonly requireNonce?: boolean;
  /** URLs under which clients know this API, beside `resource`. Without any, bound tokens are refused: nobody could tell where a proof is for. */
  readonly origins?: readonly string[];
}

export interface ResourceDpopSettings {
  readonly requireNonce: boolean;
  readonly bases: readonly string[];
}

export interface ResourceConfirmations {
  /** Members of `cnf` that are proven here. */
  readonly proofs: readonly string[];
  readonly policies: readonly Policy[];
  readonly challenges: readonly Challenge[];
}

export function readResourceDpop(options: ResourceDpopOptions, resource: string | undefined): ResourceDpopSettings {
  const { requireNonce = false, origins = [] } = options;
  for (const url of origins)
    if (typeof url !== "string" || !isSafeUrl(url))
      throw new OptionFault("dpop.origins", {
        got: url,
        allowed: "https URLs, or http on loopback",
        example: '["https://api.example.com"]',
      });
  const own = resource === undefined ? [] : [new URL(resource).origin, resource];
  return { requireNonce, bases: [...own, ...origins] };
}

/**
 * The proof of a key on each request: of a certificate (RFC 8705 s.3), and by DPoP where this API knows its own URL. What has
 * no proof here is in no token that is accepted.
 */
export function confirmationsOf(
  { requireNonce, bases }: ResourceDpopSettings,
  ephemeral: Ephemeral,
  methods: readonly MethodFactory[],
): ResourceConfirmations {
  const certificate = { "x5t#S256": certificateProof(methods) };
  if (bases.length === 0) return { proofs: Object.keys(certificate), policies: [confirmationPolicy(certificate)], challenges: [] };
  const dpop = createDpop({ ephemeral, nonces: createNonces(deriveKeys([newMasterSecret()], "dpop-nonce")), requireNonce });
  const binding = createBinding(dpop, bases);
  const proven: Readonly<Record<string, ConfirmationProof>> = {
    jkt: (thumbprint, { credential, view, at }) =>
      binding(thumbprint, { view, scheme: credential.scheme, token: credential.secret.reveal(), at }),
    ...certificate,
  };
  return { proofs: Object.keys(proven), policies: [confirmationPolicy(proven)], challenges: [dpop.challenge] };
}
