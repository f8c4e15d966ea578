/** May this caller do what the rule asks? */
export { authorize, authorizationRefusals } from "./authorize.ts";
