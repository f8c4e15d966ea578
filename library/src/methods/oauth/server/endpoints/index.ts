/** The endpoints of the authorization server, one file each. */
export { introspectEndpoint, type IntrospectParts } from "./introspect.ts";
export { metadataEndpoints } from "./metadata.ts";
export { revokeEndpoint, type RevokeToken } from "./revoke.ts";
export { tokenEndpoint, type TokenEndpointParts } from "./token.ts";
