import { defineRefusals } from "../../contracts/index.ts";

/** The client sees one code for whatever is wrong with a certificate: what exactly, is for the operator. */
export const mtlsRefusals = defineRefusals("mtls", {
  refused: { status: 401, title: "The client certificate is not accepted here." },
  malformed: { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  "not-trusted": { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  "not-valid-now": { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  "not-for-clients": { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  weak: { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  revoked: { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  "revocation-unknown": { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  "unknown-client": { status: 401, title: "The client certificate is not accepted here.", publicCode: "mtls.refused" },
  "bound-elsewhere": {
    status: 401,
    title: "The token is bound to another client certificate, or came without one.",
    bearerError: "invalid_token",
  },
  "from-a-page": { status: 403, title: "A certificate stands for a program; this came from a page of another site." },
});
