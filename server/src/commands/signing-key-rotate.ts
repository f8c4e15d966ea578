import type { SigningKeyRecord } from "latchkey";
import { operator } from "../acted-by.ts";
import type { Command } from "./command.ts";

export const signingKeyRotate: Command = {
  name: "signing-key rotate",
  summary: "Make the next signing key: published now, it signs once verifiers know it.",
  positionals: [],
  options: [],
  example: "latchkey signing-key rotate",
  run: (auth) => auth.signingKeys.rotate(undefined, operator()),
  print: ({ id, signsFrom }: SigningKeyRecord) => `${id} signs from ${new Date(signsFrom).toISOString()}.`,
};
