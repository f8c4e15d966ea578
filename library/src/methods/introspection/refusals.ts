import { defineRefusals } from "../../contracts/index.ts";

const invalid = {
  status: 401,
  title: "The token is not valid.",
  publicCode: "introspection.invalid",
  bearerError: "invalid_token",
} as const;

/** The client sees `introspection.invalid` for each: the issuer itself does not say why (RFC 7662 s.2.2). */
export const introspectionRefusals = defineRefusals("introspection", {
  malformed: invalid,
  inactive: invalid,
  "wrong-audience": invalid,
  "wrong-issuer": invalid,
  "proof-missing": invalid,
});
