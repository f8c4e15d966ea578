/** May this caller do what the rule asks? */
export { authorizer, type PermissionsOf } from "./authorize.ts";
export { authorizationRefusals } from "./refusals.ts";
