/** The endpoints of the authorization server, one file each. */
export { authorizeEndpoints, type AuthorizeParts } from "./authorize.ts";
export { consentEndpoints } from "./consents.ts";
export { introspectEndpoint, type IntrospectParts } from "./introspect.ts";
export { metadataEndpoints } from "./metadata.ts";
export { deviceAuthorizationEndpoint, deviceEndpoints } from "./device.ts";
export { logoutDescribed, logoutEndpoints } from "./logout.ts";
export { parEndpoint } from "./par.ts";
export { registerEndpoints } from "./register.ts";
export { revokeEndpoint, type RevokeToken } from "./revoke.ts";
export { tokenEndpoint, type TokenEndpointParts } from "./token.ts";
export { userinfoEndpoints } from "./userinfo.ts";
