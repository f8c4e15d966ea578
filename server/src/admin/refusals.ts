import { defineRefusals } from "latchkey/endpoints";

/** Why an operator's wish is not done, where the gate had let the operator in. */
export const adminRefusals = defineRefusals("admin", {
  "not-found": { status: 404, title: "There is nothing of this name here." },
  "beyond-own": { status: 403, title: "This needs the whole right to administer." },
  "own-account": { status: 409, title: "That is the account you are here with. Somebody else must do this." },
  "role-needed": { status: 409, title: "The role admin stays: without it nobody could get in here." },
  "email-taken": { status: 409, title: "Somebody has this e-mail address already." },
});
