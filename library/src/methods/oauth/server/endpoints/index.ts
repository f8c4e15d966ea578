/** The endpoints of the authorization server, one file each. */
export { metadataEndpoints } from "./metadata.ts";
export { tokenEndpoint, type TokenEndpointParts } from "./token.ts";
