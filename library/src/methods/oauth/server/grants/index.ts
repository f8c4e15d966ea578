/** The grants of the token endpoint: one file each, given to it as a list. */
export { authorizationCode } from "./authorization-code.ts";
export { clientCredentials } from "./client-credentials.ts";
export type { Binding, Bound, Grant, TokenRequest, TokenResponse } from "./grant.ts";
export { accessTokenFor, type DraftedRefresh, narrowed, type PersonParts, personResponse, standingOwner } from "./person-tokens.ts";
export { refreshToken } from "./refresh-token.ts";
export { deviceCode, deviceCodeType } from "./device-code.ts";
export { tokenExchange } from "./token-exchange.ts";
export { tokenResponse } from "./response.ts";
