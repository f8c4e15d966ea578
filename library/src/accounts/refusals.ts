import { defineRefusals } from "../contracts/index.ts";

export const accountRefusals = defineRefusals("account", {
  "sign-up-off": { status: 403, title: "Nobody can register here by themselves." },
  "email-invalid": { status: 400, title: "This is no e-mail address that can be used here." },
  "not-a-user": { status: 403, title: "Only a person has a password to change." },
  "password-elsewhere": { status: 403, title: "Passwords are not kept here: change it where the account is." },
});
