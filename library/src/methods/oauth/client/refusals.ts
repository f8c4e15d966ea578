import { defineRefusals } from "../../../contracts/index.ts";

export const socialRefusals = defineRefusals("social", {
  "unknown-provider": { status: 404, title: "Nobody signs in by this provider here." },
  "flow-invalid": {
    status: 400,
    title: "This sign-in was not begun in this browser, took longer than ten minutes, or was completed before. Begin again.",
  },
  cancelled: { status: 403, title: "You did not allow the provider to tell us who you are." },
  "provider-refused": { status: 403, title: "The provider refused to sign you in." },
  "answer-invalid": { status: 400, title: "What the provider answered could not be trusted, so nobody was signed in." },
});
