import { defineRefusals } from "../../contracts/index.ts";

export const csrfRefusals = defineRefusals("csrf", {
  "foreign-page": { status: 403, title: "This came from a page of another site, so it was not done." },
  unproven: { status: 403, title: "Nothing shows that this came from a page of this site, so it was not done." },
});
