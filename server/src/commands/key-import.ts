import type { ImportedKey } from "latchkey";
import { operator } from "../acted-by.ts";
import { importExitCode, printImported, sendLines, takeLines } from "../import-lines.ts";
import type { Command } from "./command.ts";

export const keyImport: Command = {
  name: "key import",
  summary: "Take over keys hashed elsewhere: one JSON object a line, with sha256, prefix and name. Safe to run again after a stop.",
  positionals: ["FILE"],
  options: [],
  example: "latchkey key import keys.ndjson    (- reads standard input)",
  makesData: true,
  here: (call) => sendLines(call.positionals[0]!, call),
  run: (auth, input) =>
    takeLines(input, async (key) => {
      await auth.apiKeys.import(key as ImportedKey, operator());
      return "imported";
    }),
  print: printImported,
  exitCode: importExitCode,
};
