import { defineRefusals } from "../../../../contracts/index.ts";

const invalid = {
  status: 401,
  title: "The token is not valid.",
  publicCode: "opaque-token.invalid",
  bearerError: "invalid_token",
} as const;

/** The client sees `opaque-token.invalid` and `invalid_token` for everything but a genuine token that has expired (RFC 6750 s.3.1). */
export const opaqueTokenRefusals = defineRefusals("opaque-token", {
  damaged: invalid,
  unknown: invalid,
  "wrong-audience": invalid,
  revoked: invalid,
  "source-ended": invalid,
  "owner-gone": invalid,
  "owner-disabled": invalid,
  "proof-missing": invalid,
  expired: { status: 401, title: "The token has expired.", bearerError: "invalid_token" },
});
