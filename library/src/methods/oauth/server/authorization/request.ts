import type { JsonObject } from "../../../../primitives/index.ts";
import type { KnownClient } from "../clients/index.ts";
import type { RequestParameters } from "../parameters.ts";

export type ResponseMode = "query" | "form_post";

/** Where the answer to an authorization request goes: proved to be the client's own before anything is sent there. */
export interface ReplyTo {
  readonly client: KnownClient;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
}

/** An authorization request, checked. */
export interface AuthorizationRequest extends ReplyTo {
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
  /** S256 of the verifier; undefined for a client that relies on `nonce`. */
  readonly codeChallenge: string | undefined;
  readonly nonce: string | undefined;
  readonly prompt: ReadonlySet<string>;
  readonly maxAgeMs: number | undefined;
  readonly loginHint: string | undefined;
  readonly idTokenHint: string | undefined;
  readonly acrValues: readonly string[];
  /** `claims` of OpenID Connect Core s.5.5. */
  readonly claims: JsonObject | undefined;
  /** Thumbprint of the key to which the code is bound (RFC 9449 s.10). */
  readonly dpopKey: string | undefined;
  /** The parameters as they were sent. */
  readonly sent: RequestParameters;
  /** The same as a text, to come back to after a page. */
  readonly query: string;
}

/** Who is signed in at the browser, as far as an authorization is concerned. */
export interface SignedInPerson {
  readonly subject: string;
  readonly sessionId: string;
  readonly authenticatedAt: number;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
}
