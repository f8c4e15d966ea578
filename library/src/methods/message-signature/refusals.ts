import { defineRefusals } from "../../contracts/index.ts";

const invalid = { status: 401, title: "The signature of the request is not valid.", publicCode: "message-signature.invalid" } as const;

/** The client is told how its signature is malformed, late or covers too little, and nothing of why it is wrong. */
export const messageSignatureRefusals = defineRefusals("message-signature", {
  malformed: { status: 400, title: "The signature of the request could not be read." },
  "too-large": { status: 413, title: "The signed body is too large." },
  uncovered: { status: 401, title: "The signature does not cover what is asked for." },
  "out-of-time": { status: 401, title: "The signature was made too long ago, or in the future." },
  elsewhere: { status: 401, title: "The signature is for another host." },
  "unknown-key": invalid,
  "wrong-algorithm": invalid,
  "wrong-digest": invalid,
  "wrong-signature": invalid,
  replayed: { status: 401, title: "The nonce of the signature was used before." },
});
