import type { ActedBy, MaybePromise, Refusal, RequestView } from "../../../../contracts/index.ts";
import type { KnownClient } from "../clients/index.ts";
import type { Described } from "../metadata.ts";
import type { RequestParameters } from "../parameters.ts";

/** One grant type of the token endpoint: a file in this folder, given to the server as a list. */
export interface Grant extends Described {
  /** `grant_type`. */
  readonly type: string;
  /** What the client gets, or why not. The client is authenticated and registered for this grant. */
  answer(request: TokenRequest): MaybePromise<TokenResponse | Refusal>;
}

/** One request to the token endpoint. */
export interface TokenRequest {
  readonly client: KnownClient;
  readonly parameters: RequestParameters;
  readonly view: RequestView;
  readonly at: number;
  /** For the audit: the client, and where the request came from. */
  readonly by: ActedBy;
  /** What the tokens shall be bound to; undefined: to nothing, whoever holds them may use them. */
  readonly bound: Bound | undefined;
}

/** A key that the client proved to hold with this request. */
export interface Bound {
  /** `cnf` of the token (RFC 7800 s.3.1). */
  readonly confirmation: Readonly<Record<string, string>>;
  /** `DPoP`, or `Bearer` for a certificate. */
  readonly tokenType: string;
}

/** Finds what tokens are bound to: DPoP, a client certificate. Given to the token endpoint as a list. */
export interface Binding extends Described {
  /** Undefined: this request proves no key in this way. */
  bind(request: Omit<TokenRequest, "bound">): MaybePromise<Bound | Refusal | undefined>;
}

/** The body of RFC 6749 s.5.1, and whatever a grant adds. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly scope?: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly [member: string]: unknown;
}
