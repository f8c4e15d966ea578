/** Whether a request that changes something, with a credential that browsers send along, came from a page of ours. */
export { createCsrf, type Csrf, formTokenField } from "./csrf.ts";
export { csrfRefusals } from "./refusals.ts";
export { createFormTokens, type FormTokens } from "./token.ts";
