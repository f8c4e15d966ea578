import { defineRefusals } from "../../contracts/index.ts";

/** A password that is wrong is refused by the sign-in, with its own codes. */
export const basicRefusals = defineRefusals("basic", {
  malformed: { status: 401, title: "The Basic credential could not be read: it must be base64 of user:password in UTF-8." },
  insecure: { status: 403, title: "Basic is accepted over https only, because it sends the password itself." },
  "client-refused": { status: 401, title: "The id or the secret of the client is wrong, or it may not act in its own name." },
  "user-gone": { status: 401, title: "The e-mail address or the password is wrong.", publicCode: "password.invalid" },
});
