import { defineRefusals } from "../../contracts/index.ts";

/** One answer for every way in which a sign-in can fail: which of the two was wrong, or whether anybody is there, is not told. */
const invalid = { status: 401, title: "The e-mail address or the password is wrong.", publicCode: "password.invalid" } as const;

export const passwordRefusals = defineRefusals("password", {
  wrong: invalid,
  "unknown-user": invalid,
  "user-disabled": invalid,
  none: invalid,
  malformed: { status: 400, title: "The e-mail address and the password must be texts, the password of at most 1024 bytes." },
  "too-short": { status: 400, title: "The password is too short." },
  "too-long": { status: 400, title: "The password is too long." },
  common: { status: 400, title: "The password is one of those that are tried first. Choose another one." },
  context: { status: 400, title: "The password is made of the e-mail address or the name of this service. Choose another one." },
});
