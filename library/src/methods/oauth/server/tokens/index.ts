/** Access tokens of the authorization server, signed ones made elsewhere and opaque ones kept here, and ID tokens. */
export {
  type AccessTokenFacts,
  createIssueAccessToken,
  type IssueAccessToken,
  type IssuedAccessToken,
  type JwtRequest,
} from "./access-tokens.ts";
export { createIdTokens, type IdTokenFacts, type IdTokens } from "./id-token.ts";
export { createTokenFormatOf, type TokenFormatOf } from "./token-format.ts";
export { type Asker, createIssueIntrospection, introspectionType, type IssueIntrospection } from "./introspection-token.ts";
export { introspectionBody } from "./introspection.ts";
export { opaqueTokenMethod } from "./method.ts";
export { createOpaqueTokens, opaqueTokenPrefix, type OpaqueTokens } from "./opaque.ts";
export { type KnownPerson, personClaims, requestedClaims, supportedClaims } from "./person-claims.ts";
export { opaqueTokenRefusals } from "./refusals.ts";
export { accessTokenTables } from "./table.ts";
