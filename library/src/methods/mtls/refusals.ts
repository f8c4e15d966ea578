import { defineRefusals } from "../../contracts/index.ts";

/** The client sees one code for whatever is wrong with a certificate: what exactly, is for the operator. */
const refused = { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" } as const;

export const mtlsRefusals = defineRefusals("mtls", {
  refused,
  malformed: refused,
  "not-trusted": refused,
  "not-valid-now": refused,
  "not-for-clients": refused,
  weak: refused,
  revoked: refused,
  "unknown-client": refused,
  "bound-elsewhere": {
    status: 401,
    title: "The token is bound to another client certificate, or came without one.",
    bearerError: "invalid_token",
  },
  "from-a-page": { status: 403, title: "A certificate stands for a program; this came from a page of another site." },
});
