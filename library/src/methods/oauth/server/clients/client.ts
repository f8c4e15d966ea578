import type { JsonObject, JwsAlgorithm } from "../../../../primitives/index.ts";

/** How access tokens of a client look: signed and readable by the API, or a reference that only we understand. */
export type TokenFormat = "jwt" | "opaque";

/** An OAuth client as it is registered. Frozen: a change makes another one. */
export interface Client {
  /** `cli_…`, or the URL of its metadata document. */
  readonly id: string;
  readonly name: string;
  /** `token_endpoint_auth_method`: how it proves itself. `none`: it cannot keep a secret, and is public. */
  readonly authentication: string;
  readonly grants: readonly string[];
  readonly redirectUris: readonly string[];
  /** What it asks for when it names nothing; a client that an operator registered may ask for nothing else. */
  readonly scopes: readonly string[];
  /** Audiences that its tokens may be for (RFC 8707); undefined: every configured one. */
  readonly resources: readonly string[] | undefined;
  /** What it is in its own name (client_credentials). */
  readonly roles: readonly string[];
  /** Ours: nobody is asked for consent. */
  readonly firstParty: boolean;
  readonly tokenFormat: TokenFormat;
  readonly idTokenAlgorithm: JwsAlgorithm;
  /** False: it relies on `nonce` instead, as OAuth 2.1 s.7.5.1 lets a confidential OpenID client do. */
  readonly requirePkce: boolean;
  /** Further members of its registration under the names of RFC 7591 and its registry: `jwks`, `jwks_uri`, … */
  readonly metadata: JsonObject;
  readonly createdAt: number;
}

/** A secret of a client, of which only the SHA-256 is known. */
export interface ClientSecret {
  readonly digest: Buffer;
  /** End of the overlap, once a successor exists. */
  readonly endsAt: number | undefined;
}

/** A client with what it takes to authenticate it, and to judge what it asks for. */
export interface KnownClient extends Client {
  readonly secrets: readonly ClientSecret[];
  /** What it may ask for when it names scopes: `scopes`, or what the operator lets all clients ask for that came by themselves. */
  readonly mayAskFor: readonly string[];
}

export const isPublicClient = ({ authentication }: Pick<Client, "authentication">): boolean => authentication === "none";

/** Whether it has a secret to send. */
export const hasSecret = ({ authentication }: Pick<Client, "authentication">): boolean => authentication.startsWith("client_secret_");
