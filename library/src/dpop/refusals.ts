import { defineRefusals } from "../contracts/index.ts";

const invalid = {
  status: 401,
  title: "The DPoP proof is not valid.",
  publicCode: "dpop.invalid-proof",
  bearerError: "invalid_dpop_proof",
} as const;

/** A client sees `dpop.invalid-proof` for whatever is wrong with the proof itself, with a hint (RFC 9449 s.5, s.7.1). */
export const dpopRefusals = defineRefusals("dpop", {
  "proof-missing": invalid,
  "proof-malformed": invalid,
  "wrong-type": invalid,
  "wrong-algorithm": invalid,
  "bad-key": invalid,
  "bad-signature": invalid,
  "bad-claims": invalid,
  "wrong-request": invalid,
  "wrong-token": invalid,
  "not-fresh": invalid,
  replayed: invalid,
  "nonce-needed": {
    status: 401,
    title: "The DPoP proof needs the nonce of this server: it is in the DPoP-Nonce field of this answer.",
    bearerError: "use_dpop_nonce",
  },
  "wrong-key": { status: 401, title: "The token is bound to another key.", bearerError: "invalid_token" },
  "sent-as-bearer": {
    status: 401,
    title: "The token is bound to a key: send it with the scheme DPoP and a proof.",
    bearerError: "invalid_token",
  },
  "unbound-token": {
    status: 401,
    title: "The token is bound to no key: it cannot be sent with the scheme DPoP.",
    bearerError: "invalid_token",
  },
});
