import { defineRefusals } from "../../contracts/index.ts";

export const authorizationRefusals = defineRefusals("authorization", {
  "scope-missing": { status: 403, title: "The credential lacks a scope that this needs.", bearerError: "insufficient_scope" },
  "role-missing": { status: 403, title: "The caller has none of the roles that this needs." },
  "permission-missing": { status: 403, title: "None of the caller's roles gives the permission that this needs." },
  "may-not": { status: 403, title: "The caller may not do this here." },
  "assurance-missing": {
    status: 401,
    title: "This needs a stronger sign-in.",
    bearerError: "insufficient_user_authentication",
  },
  "sign-in-too-old": {
    status: 401,
    title: "This needs a more recent sign-in.",
    bearerError: "insufficient_user_authentication",
  },
});
