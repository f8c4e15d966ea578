import { defineRefusals } from "../../contracts/index.ts";

const invalid = { status: 401, title: "The session is not valid. Sign in again.", publicCode: "session.invalid" } as const;
const over = { status: 401, title: "The session has ended. Sign in again." } as const;

/** The client sees `session.invalid` for everything but a session whose time is over, whose holder is told. */
export const sessionRefusals = defineRefusals("session", {
  several: { status: 400, title: "The session cookie was sent more than once. None of them was tried." },
  damaged: invalid,
  unknown: invalid,
  revoked: invalid,
  "owner-gone": invalid,
  "owner-disabled": invalid,
  "password-changed": invalid,
  idle: { ...over, publicCode: "session.expired" },
  expired: over,
  "not-found": { status: 404, title: "There is no such session." },
});
