import { defineRefusals } from "../contracts/index.ts";

/** Refusals of the gate itself, whatever the method. */
export const requestRefusals = defineRefusals("request", {
  "no-credential": { status: 401, title: "This needs a credential." },
  "unknown-credential": { status: 401, title: "The credential is of no kind that is accepted here.", bearerError: "invalid_token" },
  "several-credentials": {
    status: 400,
    title: "Send one credential only: the request holds several, and none of them was tried.",
    bearerError: "invalid_request",
  },
  "credential-in-query": {
    status: 401,
    title: "Credentials are not accepted in the query string. Send it in a header, and replace it: URLs end up in logs.",
    bearerError: "invalid_request",
  },
  "method-not-accepted": { status: 401, title: "This does not accept that kind of credential." },
});
