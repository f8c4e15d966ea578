/** The authorization server: OAuth 2.1 and OpenID Connect, section 5 of the guide from the provider's side. */
export {
  authorizationTables,
  createAgainMarks,
  createCodes,
  createGrants,
  type Granted,
  type Grants,
  isOffline,
  type RequestSource,
} from "./authorization/index.ts";
export {
  type AuthenticateClient,
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  createClientOf,
  createAuthenticateClient,
  noAuthentication,
  privateKeyJwt,
  selfSignedTlsClientAuth,
  tlsClientAuth,
} from "./client-authentication/index.ts";
export {
  type Client,
  type ClientChoices,
  type ClientOptions,
  type Clients,
  type ClientSource,
  clientTables,
  createClientRegistry,
  createClients,
  type IssuedClient,
  type KnownClient,
  registeredThumbprints,
  type TokenFormat,
} from "./clients/index.ts";
export { createIssueLogoutToken, createLogoutOutbox, createLogoutSender, type LogoutOutbox, logoutTables } from "./logout/index.ts";
export { createSubjects, type Subjects, subjectTables } from "./subjects/index.ts";
export { certificateBinding, dpopBinding } from "./bindings/index.ts";
export {
  authorizeEndpoints,
  consentEndpoints,
  introspectEndpoint,
  metadataEndpoints,
  revokeEndpoint,
  tokenEndpoint,
  userinfoEndpoints,
} from "./endpoints/index.ts";
export { authorizationCode, type Binding, clientCredentials, type DraftedRefresh, type Grant, refreshToken } from "./grants/index.ts";
export { createPushedRequests, createSignedRequests } from "./authorization/index.ts";
export {
  deviceAuthorizationEndpoint,
  deviceEndpoints,
  logoutDescribed,
  logoutEndpoints,
  parEndpoint,
  registerEndpoints,
} from "./endpoints/index.ts";
export { createDevices, deviceTables } from "./device/index.ts";
export { deviceCode } from "./grants/index.ts";
export { compiledWrites } from "./authorization/index.ts";
export { tokenExchange } from "./grants/index.ts";
export {
  createCheckSector,
  createMetadataDocuments,
  createRegistrations,
  type FetchDocument,
  type RegistrationOptions,
  type RegistrationSettings,
  readRegistrationOptions,
  registrationTables,
} from "./registration/index.ts";
export { composeMetadata, type Described } from "./metadata.ts";
export { type OAuthOptions, type OAuthSettings, readOAuthOptions } from "./options.ts";
export { createLifetimeWords, type LifetimeWords } from "./lifetime-words.ts";
export { createScopeWords } from "./scope-words.ts";
export {
  accessTokenTables,
  createIdTokens,
  createIssueAccessToken,
  createIssueIntrospection,
  createOpaqueTokens,
  createTokenFormatOf,
  type KnownPerson,
  type OpaqueTokens,
  opaqueTokenMethod,
  opaqueTokenPrefix,
  supportedClaims,
} from "./tokens/index.ts";
