import { defineRefusals } from "../../../contracts/index.ts";

/**
 * What the authorization server says no to. The client sees the
 * last part, in the spelling of the RFC: `invalid_request` (RFC 6749 s.4.1.2.1 and s.5.2, OpenID
 * Connect Core s.3.1.2.6, RFC 8707 s.2); the operator sees which of them it was, and why.
 */
export const oauthRefusals = defineRefusals("oauth", {
  "invalid-request": { status: 400, title: "The request is not well formed." },
  "invalid-client": { status: 401, title: "The client could not be authenticated." },
  "invalid-grant": { status: 400, title: "What was presented is not valid, or is not for this client." },
  "unauthorized-client": { status: 400, title: "This client may not do that." },
  "unsupported-grant-type": { status: 400, title: "This grant type is not supported." },
  "unsupported-response-type": { status: 400, title: "Only response_type=code is supported." },
  "invalid-scope": { status: 400, title: "A requested scope is not allowed." },
  "invalid-target": { status: 400, title: "A requested resource is not allowed." },
  "authorization-pending": { status: 400, title: "The person has not decided yet." },
  "slow-down": { status: 400, title: "Ask less often: five seconds more between two requests." },
  "expired-token": { status: 400, title: "The device code has expired." },
  "unknown-user-code": { status: 400, title: "This code is not known. It may be over: look at the device for another." },
  "too-many-user-codes": { status: 429, title: "Too many wrong codes." },
  "invalid-request-uri": { status: 400, title: "The pushed request is not known, or was used." },
  "invalid-request-object": { status: 400, title: "The signed request is not valid." },
  "invalid-redirect-uri": { status: 400, title: "A redirect URI cannot be used." },
  "invalid-client-metadata": { status: 400, title: "The client cannot be registered like this." },
  "invalid-token": { status: 401, title: "The token for registration is not valid." },
  "temporarily-unavailable": { status: 429, title: "Too much was asked lately. Wait as long as Retry-After says." },
  "invalid-dpop-proof": { status: 400, title: "The DPoP proof is not valid." },
  "use-dpop-nonce": {
    status: 400,
    title: "The DPoP proof needs the nonce of this server: it is in the DPoP-Nonce field of this answer.",
  },
  "request-not-supported": { status: 400, title: "Signed requests are not supported." },
  "request-uri-not-supported": { status: 400, title: "This request_uri is not supported." },
  "access-denied": { status: 403, title: "The request was denied." },
  "not-found": { status: 404, title: "There is no such consent." },
  "login-required": { status: 401, title: "Somebody must sign in." },
  "unmet-authentication-requirements": { status: 403, title: "Nobody can sign in here in the way that is required (acr)." },
  "consent-required": { status: 403, title: "Somebody must consent." },
});
