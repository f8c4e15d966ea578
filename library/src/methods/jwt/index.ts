/** JWTs: section 4 of the guide. Issued here and accepted, revocable; and those of other issuers. */
export { type AppTokens, createAppTokens } from "./app-tokens.ts";
export { refreshCookie, tokenEndpoints, tokenSourceOf } from "./endpoints.ts";
export { type TokenClaims } from "./claims.ts";
export { issuerElsewhere, type TokenStatus } from "./elsewhere.ts";
export { fetchIfChanged, fetchJson, isSafeUrl, postForm } from "./fetch-json.ts";
export { type ForeignIssuerOptions, foreignIssuer } from "./foreign.ts";
export { fetchIssuerMetadata } from "./issuer-metadata.ts";
export { type IssuedToken, issueToken, type TokenOptions } from "./issue.ts";
export { jwtMethod } from "./method.ts";
export { ownIssuer, type OwnIssuerParts, type SourceLimits } from "./own.ts";
export { jwtRefusals } from "./refusals.ts";
export { betweenName, createRevocations, positionOf, type Revocations } from "./revocations.ts";
export { jwtTables } from "./table.ts";
export { createTokens, type RevokeTokens, type Tokens } from "./tokens.ts";
export { createRemoteKeys } from "./remote-keys.ts";
export { createRemoteSet } from "./remote-set.ts";
export { chooseKey, keysOfSet } from "./jwk-set.ts";
export { type TrustedIssuer, verifyJwt } from "./verify.ts";
