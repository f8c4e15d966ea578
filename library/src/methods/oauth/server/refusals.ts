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
  "consent-required": { status: 403, title: "Somebody must consent." },
});
