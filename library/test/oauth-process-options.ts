import { weakPasswords } from "./accounts-house.ts";

/** What all processes on one database have in common. A person has as many apps as the test has flows. */
export const processOptions = {
  issuer: "http://localhost:3000",
  secret: "one that all the processes have, of 32 bytes or more",
  passwords: weakPasswords,
  jwt: { refresh: { mostFamilies: 10_000 } },
} as const;
