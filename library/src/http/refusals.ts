import { defineRefusals } from "../contracts/index.ts";

/** What can be wrong with a request before anybody asks who sent it. */
export const httpRefusals = defineRefusals("http", {
  "not-found": { status: 404, title: "There is nothing at this path." },
  "method-not-allowed": { status: 405, title: "This path does not answer that method." },
  "body-too-large": { status: 413, title: "The request body is too large." },
  "media-type": { status: 415, title: "The body must be application/json or application/x-www-form-urlencoded." },
  "body-malformed": { status: 400, title: "The request body could not be read." },
  "field-invalid": { status: 400, title: "A field of the request is not valid." },
});
