import type { ProvenIdentity, ProviderTokens } from "../../../contracts/index.ts";

/** What one attempt to sign in elsewhere is bound to: made here, used once, never shown but in part. */
export interface FlowSecrets {
  readonly state: string;
  /** OpenID Connect Core s.3.1.2.1. */
  readonly nonce: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
  readonly redirectUri: string;
  /** The time, since a provider has no clock of ours. */
  readonly at: number;
}

/** Somebody else who can say who a person is: `github({ … })`, `oidc({ … })` of latchkey/providers. */
export interface Provider {
  /** Names it in paths and settings: `github`. */
  readonly id: string;
  /** Names it on buttons: `GitHub`. */
  readonly name: string;
  /** It answers by a cross-site form POST, with which a Lax cookie does not come along. */
  readonly formPost: boolean;
  /** Where the browser is sent. Throws a ProviderProblem. */
  authorizationUrl(flow: FlowSecrets): Promise<string>;
  /** Takes what came back to the callback: redeems the code, validates, reads the profile. Throws a ProviderProblem. */
  redeem(parameters: URLSearchParams, flow: FlowSecrets): Promise<ProvenIdentity>;
  /** Throws a ProviderProblem; of the kind `refused`: the grant has ended, and the person must sign in again. */
  refresh(tokens: ProviderTokens, at: number): Promise<ProviderTokens>;
  /** Ends what it keeps open between requests. It may be asked again all the same: another house may have it too. */
  close?(): void;
}

/**
 * - `cancelled`: the person said no
 * - `refused`: the provider says no
 * - `invalid`: what came back is not right: not for us, not of now, not signed, not readable
 * - `unavailable`: it did not answer, or said that it cannot
 */
export type ProviderProblemKind = "cancelled" | "refused" | "invalid" | "unavailable";

/** Why nobody could be signed in. Its message is for the operator and holds no secret. */
export class ProviderProblem extends Error {
  readonly kind: ProviderProblemKind;

  constructor(kind: ProviderProblemKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "ProviderProblem";
    this.kind = kind;
  }
}
