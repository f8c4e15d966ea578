import { defineRefusals } from "../../contracts/index.ts";

const invalid = { status: 401, title: "The API key is not valid.", publicCode: "api-key.invalid", bearerError: "invalid_token" } as const;

/** The client sees `api-key.invalid` for everything but an expired key, whose owner is told. */
export const apiKeyRefusals = defineRefusals("api-key", {
  malformed: { status: 400, title: "The API key header could not be read.", bearerError: "invalid_request" },
  damaged: invalid,
  unknown: invalid,
  revoked: invalid,
  replaced: invalid,
  "owner-gone": invalid,
  "owner-disabled": invalid,
  expired: { status: 401, title: "The API key has expired.", bearerError: "invalid_token" },
  "not-found": { status: 404, title: "There is no such key." },
  "beyond-own": { status: 403, title: "A key can only make keys that may no more than itself." },
});
