/** The grants of the token endpoint: one file each, given to it as a list. */
export { clientCredentials } from "./client-credentials.ts";
export type { Binding, Bound, Grant, TokenRequest, TokenResponse } from "./grant.ts";
export { tokenResponse } from "./response.ts";
export { personalScopes, wantedResources, wantedScopes } from "./wanted.ts";
