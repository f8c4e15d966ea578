import { defineRefusals } from "../../contracts/index.ts";

const invalid = { status: 401, title: "The webhook's signature is not valid.", publicCode: "webhook.invalid" } as const;

/** The sender is told how its message is malformed or late, and nothing of why a signature is wrong. */
export const webhookRefusals = defineRefusals("webhook", {
  malformed: { status: 400, title: "The webhook's headers could not be read." },
  "too-large": { status: 413, title: "The webhook's body is too large." },
  "out-of-time": { status: 401, title: "The webhook was sent too long ago, or in the future." },
  "wrong-signature": invalid,
  replayed: { status: 409, title: "This webhook was received before." },
});
