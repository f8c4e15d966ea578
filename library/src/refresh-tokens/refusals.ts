import { defineRefusals } from "../contracts/index.ts";

const invalid = { status: 401, title: "The refresh token is not valid.", publicCode: "refresh-token.invalid" } as const;

/** The client sees `refresh-token.invalid` for all of them: sign in again. */
export const refreshRefusals = defineRefusals("refresh-token", {
  malformed: invalid,
  unknown: invalid,
  expired: invalid,
  revoked: invalid,
  reused: invalid,
  "wrong-client": invalid,
});
