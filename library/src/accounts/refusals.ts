import { defineRefusals } from "../contracts/index.ts";

export const accountRefusals = defineRefusals("account", {
  "sign-up-off": { status: 403, title: "Nobody can register here by themselves." },
  "email-invalid": { status: 400, title: "This is no e-mail address that can be used here." },
  "not-a-user": { status: 403, title: "Only a person has a password to change." },
  "invitation-invalid": { status: 403, title: "This link was used already, or is too old. The server prints a new one when it starts." },
  "password-elsewhere": { status: 403, title: "Passwords are not kept here: change it where the account is." },
  "mail-off": { status: 403, title: "No mail is sent from here." },
  "mail-sign-in-off": { status: 403, title: "Nobody signs in by mail here." },
  "code-invalid": { status: 400, title: "This code is not valid. It may have been used, be too old, or a newer one was sent." },
  "email-verified": { status: 409, title: "This address is confirmed already." },
  "email-taken": { status: 409, title: "This address belongs to another account." },
  "email-elsewhere": { status: 403, title: "Addresses are not kept here: change it where the account is." },
});
