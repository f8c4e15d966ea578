import type { JsonObject } from "../../../../primitives/index.ts";
import type { AuthorizationRequest, SignedInPerson } from "./request.ts";

/** What a person granted a client: stands in the code, and in the family of refresh tokens that comes of it. */
export interface Granted {
  readonly subject: string;
  /** The session at the browser; tokens that are not for offline use end with it. */
  readonly sessionId: string | undefined;
  readonly authenticatedAt: number;
  readonly acr?: string | undefined;
  readonly amr: readonly string[];
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  readonly nonce?: string | undefined;
  readonly claims?: JsonObject | undefined;
  readonly redirectUri?: string | undefined;
  readonly codeChallenge?: string | undefined;
  /** Thumbprint of the key to which the code, or the refresh token of a public client, is bound. */
  readonly dpopKey?: string | undefined;
}

export function grantedBy(person: SignedInPerson, request: AuthorizationRequest): Granted {
  return {
    subject: person.subject,
    sessionId: person.sessionId,
    authenticatedAt: person.authenticatedAt,
    acr: person.acr,
    amr: person.amr,
    scopes: request.scopes,
    resources: request.resources,
    nonce: request.nonce,
    claims: request.claims,
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    dpopKey: request.dpopKey,
  };
}

/** Whether tokens outlive the session at the browser (OpenID Connect Core s.11). */
export const isOffline = ({ scopes }: Pick<Granted, "scopes">): boolean => scopes.includes("offline_access");
