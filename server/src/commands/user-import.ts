import { readFile } from "node:fs/promises";
import { type FirebaseHashing, readExportedUser } from "latchkey";
import { operator } from "../acted-by.ts";
import { text } from "../arguments.ts";
import { importExitCode, printImported, sendLines, takeLines } from "../import-lines.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

export const userImport: Command = {
  name: "user import",
  summary: "Take over users with their password hashes: one JSON object a line. Safe to run again after a stop.",
  positionals: ["FILE"],
  options: [{ name: "firebase-hashing", value: "FILE", describe: "the password hash parameters of a Firebase project" }],
  example: "latchkey user import users.ndjson    (own form, Auth0, Firebase, Keycloak, Django; - reads standard input)",
  makesData: true,
  async here(call) {
    const hashing = await firebaseHashing(text(call.input, "firebase-hashing"));
    return sendLines(call.positionals[0]!, call, hashing === undefined ? {} : { hashing });
  },
  run(auth, input) {
    const hashing = text(input, "hashing");
    const firebase = hashing === undefined ? undefined : (JSON.parse(hashing) as FirebaseHashing);
    return takeLines(input, (user) => auth.users.import(readExportedUser(user, firebase), operator()));
  },
  print: printImported,
  exitCode: importExitCode,
};

/** Reads what the console of Firebase shows (`hash_config { … }`), or the same as JSON. */
async function firebaseHashing(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const shown = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`${file} cannot be read.`);
  });
  const value = (name: string): string => new RegExp(`"?${name}"?\\s*:\\s*"?([A-Za-z0-9+/=_-]+)`).exec(shown)?.[1] ?? "";
  const [key, separator, rounds, memory] = ["base64_signer_key", "base64_salt_separator", "rounds", "mem_cost"].map(value);
  if (key === "" || !(Number(rounds) > 0) || !(Number(memory) > 0))
    throw new UsageError(
      `${file} must hold base64_signer_key, base64_salt_separator, rounds and mem_cost, as the console of Firebase shows them.`,
    );
  return JSON.stringify({ base64SignerKey: key, base64SaltSeparator: separator, rounds: Number(rounds), memCost: Number(memory) });
}
