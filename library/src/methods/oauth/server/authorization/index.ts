/** What happens between a client's request for authorization and the code that it gets. */
export { againParameter, type AgainMarks, createAgainMarks } from "./again.ts";
export { type Codes, createCodes, type FoundCode } from "./codes.ts";
export { type Granted, grantedBy, isOffline } from "./granted.ts";
export { type Consent, createGrants, type GrantParts, type Grants } from "./grants.ts";
export { readRequest } from "./read-request.ts";
export type { AuthorizationRequest, ReplyTo, SignedInPerson } from "./request.ts";
export { respondWithCode, respondWithError, type RespondParts } from "./respond.ts";
export type { RequestSource } from "./source.ts";
export { authorizationTables, compiledWrites, type GrantRows } from "./table.ts";
export { createPushedRequests, type PushedRequests, pushedSeconds, withParameter } from "./pushed.ts";
export { createSignedRequests } from "./signed.ts";
export { acrToAsk, isAcrUnmet } from "./acr.ts";
