import { defineRefusals } from "../../contracts/index.ts";

const invalid = { status: 401, title: "The token is not valid.", publicCode: "jwt.invalid", bearerError: "invalid_token" } as const;

/** The client sees `jwt.invalid` and `invalid_token` for everything but a genuine token that has expired (RFC 6750 s.3.1). */
export const jwtRefusals = defineRefusals("jwt", {
  malformed: invalid,
  "wrong-type": invalid,
  "unknown-issuer": invalid,
  "unknown-key": invalid,
  "wrong-algorithm": invalid,
  "bad-signature": invalid,
  "bad-claims": invalid,
  "wrong-audience": invalid,
  "not-yet-valid": invalid,
  revoked: invalid,
  "source-ended": invalid,
  "owner-gone": invalid,
  "owner-disabled": invalid,
  "proof-missing": invalid,
  "hidden-subject": { status: 403, title: "A signed token would tell its holder whom this credential does not tell of." },
  expired: { status: 401, title: "The token has expired.", bearerError: "invalid_token" },
});
