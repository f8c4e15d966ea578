/** `latchkey/resource`: the guard of an API in another process, which has nothing of the issuer but its URL. */
export type { ResourceOptions } from "./options.ts";
export { createResource, type Resource } from "./resource.ts";
