import { defineRefusals } from "../contracts/index.ts";

export const leakRefusals = defineRefusals("leak", {
  unsigned: { status: 401, title: "This is not signed by GitHub." },
  malformed: { status: 400, title: "This is no report of secrets." },
});
