/** The authorization server: OAuth 2.1 and OpenID Connect, section 5 of the guide from the provider's side. */
export {
  type AuthenticateClient,
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  createClientOf,
  createAuthenticateClient,
  noAuthentication,
  privateKeyJwt,
} from "./client-authentication/index.ts";
export {
  type Client,
  type ClientOptions,
  type Clients,
  type ClientSource,
  clientTables,
  createClientRegistry,
  createClients,
  type IssuedClient,
  type KnownClient,
  type TokenFormat,
} from "./clients/index.ts";
export { introspectEndpoint, metadataEndpoints, revokeEndpoint, tokenEndpoint } from "./endpoints/index.ts";
export { dpopBinding } from "./bindings/index.ts";
export { type Binding, clientCredentials, type Grant } from "./grants/index.ts";
export { composeMetadata, type Described } from "./metadata.ts";
export { accessTokenTables, createIssueAccessToken, createOpaqueTokens, opaqueTokenMethod, opaqueTokenPrefix } from "./tokens/index.ts";
