import { defineRefusals } from "../../../contracts/index.ts";

/**
 * What the authorization server says no to. The client sees the code of the RFC (RFC 6749 s.4.1.2.1 and s.5.2, OpenID
 * Connect Core s.3.1.2.6, RFC 8707 s.2); the operator sees which of them it was, and why.
 */
export const oauthRefusals = defineRefusals("oauth", {
  "invalid-request": { status: 400, title: "The request is not well formed.", publicCode: "invalid_request" },
  "invalid-client": { status: 401, title: "The client could not be authenticated.", publicCode: "invalid_client" },
  "invalid-grant": { status: 400, title: "What was presented is not valid, or is not for this client.", publicCode: "invalid_grant" },
  "unauthorized-client": { status: 400, title: "This client may not do that.", publicCode: "unauthorized_client" },
  "unsupported-grant-type": { status: 400, title: "This grant type is not supported.", publicCode: "unsupported_grant_type" },
  "unsupported-response-type": { status: 400, title: "Only response_type=code is supported.", publicCode: "unsupported_response_type" },
  "invalid-scope": { status: 400, title: "A requested scope is not allowed.", publicCode: "invalid_scope" },
  "invalid-target": { status: 400, title: "A requested resource is not allowed.", publicCode: "invalid_target" },
  "invalid-dpop-proof": { status: 400, title: "The DPoP proof is not valid.", publicCode: "invalid_dpop_proof" },
  "use-dpop-nonce": {
    status: 400,
    title: "The DPoP proof needs the nonce of this server: it is in the DPoP-Nonce field of this answer.",
    publicCode: "use_dpop_nonce",
  },
  "access-denied": { status: 403, title: "The request was denied.", publicCode: "access_denied" },
  "login-required": { status: 401, title: "Somebody must sign in.", publicCode: "login_required" },
  "consent-required": { status: 403, title: "Somebody must consent.", publicCode: "consent_required" },
});
