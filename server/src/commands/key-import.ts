import { type ImportedKey, OptionFault } from "latchkey";
import { operator } from "../acted-by.ts";
import { importExitCode, printImported, sendLines, takeLines } from "../import-lines.ts";
import type { Command } from "./command.ts";

/** What a line may hold. */
const members = {
  sha256: true,
  prefix: true,
  lastFour: true,
  name: true,
  owner: true,
  scopes: true,
  roles: true,
  expires: true,
  allowedAddresses: true,
  rateLimit: true,
} satisfies Record<keyof Omit<ImportedKey, "noLaterThan">, true>;

/**
 * A key as its line tells it; JSON has no instants, so that one is a text. Throws an OptionFault for a member that is not known:
 * a misspelt `expires` or `allowedAddresses` would make the key good for ever, or from anywhere.
 */
function readKey(line: object): ImportedKey {
  const known = Object.keys(members);
  const unknown = Object.keys(line).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new OptionFault("line", { got: unknown, allowed: known.join(", "), example: '{"sha256":"2cf24d…", …}' });
  const key = line as ImportedKey;
  const { expires } = key;
  const instant = typeof expires === "string" && /^\d{4}-\d\d-\d\dT\S+$/.test(expires) ? new Date(expires) : undefined;
  return instant === undefined ? key : { ...key, expires: instant };
}

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
      await auth.apiKeys.import(readKey(key), operator());
      return "imported";
    }),
  print: printImported,
  exitCode: importExitCode,
};
