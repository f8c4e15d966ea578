import type { JsonObject } from "../../../../primitives/index.ts";

/** What one provider is: data, and how its profile is read. */
export interface ProviderRow {
  readonly id: string;
  readonly name: string;
  /** Whose word it is. With `discovery` its metadata is read there (OpenID Connect Discovery s.4). */
  readonly issuer: string;
  readonly discovery: boolean;
  /** Of one that has no metadata. */
  readonly endpoints?: Endpoints;
  readonly scopes: readonly string[];
  /** Whether it takes PKCE (RFC 7636). */
  readonly pkce: boolean;
  /** Whether its ID token repeats our nonce. */
  readonly nonce: boolean;
  readonly formPost?: boolean;
  readonly clientAuthentication: "basic" | "post";
  /** Further parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The issuer that a token of this provider must name, where it depends on the token (the tenants of Microsoft). */
  readonly issuerOf?: (claims: JsonObject, issuer: string) => string;
  /** Reads the claims of the ID token, or the answer of the userinfo endpoint where there is none. */
  readonly profile: (claims: JsonObject, ask: Ask) => Profile | Promise<Profile>;
}

export interface Endpoints {
  readonly authorization: string;
  readonly token: string;
  readonly userinfo: string;
  /** Addresses, where they are asked for apart (GitHub). */
  readonly emails?: string;
}

/** Asks the provider for more, with the access token. */
export interface Ask {
  readonly emails: () => Promise<unknown>;
}

/** What is read of a profile: not yet of the right shape. */
export interface Profile {
  readonly subject: unknown;
  readonly email: unknown;
  readonly emailVerified: boolean;
  readonly name: unknown;
}
