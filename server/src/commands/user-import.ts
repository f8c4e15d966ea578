import { readFile } from "node:fs/promises";
import { type FirebaseHashing, type Latchkey, OptionFault, readExportedUser } from "latchkey";
import { operator } from "../acted-by.ts";
import { list, text } from "../arguments.ts";
import { batchesOf, linesOf, longestLine } from "../lines.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

interface Imported {
  readonly imported: number;
  /** Here already, from an earlier run. */
  readonly present: number;
  readonly bad: readonly { readonly line: number; readonly error: string }[];
}

const shownBad = 20;

export const userImport: Command = {
  name: "user import",
  summary: "Take over users with their password hashes: one JSON object a line. Safe to run again after a stop.",
  positionals: ["FILE"],
  options: [{ name: "firebase-hashing", value: "FILE", describe: "the password hash parameters of a Firebase project" }],
  example: "latchkey user import users.ndjson    (own form, Auth0, Firebase, Keycloak, Django; - reads standard input)",
  makesData: true,
  async here({ input, positionals: [file], send, note }) {
    const hashing = await firebaseHashing(text(input, "firebase-hashing"));
    const total = { imported: 0, present: 0, bad: [] as { line: number; error: string }[] };
    for await (const batch of batchesOf(linesOf(file!))) {
      const number = batch.map(([at]) => String(at));
      const part = (await send({ line: batch.map(([, line]) => line), number, ...(hashing === undefined ? {} : { hashing }) })) as Imported;
      total.imported += part.imported;
      total.present += part.present;
      total.bad.push(...part.bad);
      note(`up to line ${batch.at(-1)![0]}: ${total.imported} imported, ${total.present} here already, ${total.bad.length} bad`);
    }
    return total;
  },
  async run(auth, input): Promise<Imported> {
    const numbers = list(input, "number");
    const hashing = text(input, "hashing");
    const firebase = hashing === undefined ? undefined : (JSON.parse(hashing) as FirebaseHashing);
    const results = await Promise.all(list(input, "line").map((line) => importLine(auth, line, firebase)));
    return {
      imported: results.filter((result) => result === "imported").length,
      present: results.filter((result) => result === "present").length,
      bad: results.flatMap((result, index) => (typeof result === "string" ? [] : [{ line: Number(numbers[index]), error: result.error }])),
    };
  },
  print({ imported, present, bad }: Imported) {
    const rows = bad.slice(0, shownBad).map(({ line, error }) => `line ${line}: ${error}`);
    if (bad.length > shownBad) rows.push(`and ${bad.length - shownBad} more; --json lists them all`);
    return [`${imported} imported, ${present} here already, ${bad.length} bad.`, ...rows].join("\n");
  },
  exitCode: ({ bad }: Imported) => (bad.length === 0 ? 0 : 1),
};

async function importLine(
  auth: Latchkey,
  line: string,
  firebase: FirebaseHashing | undefined,
): Promise<"imported" | "present" | { readonly error: string }> {
  if (line.length > longestLine) return { error: `longer than ${longestLine} characters` };
  let user: unknown;
  try {
    user = JSON.parse(line);
  } catch {
    // What stands there is not told: it may be a hash.
    return { error: "not JSON" };
  }
  try {
    return await auth.users.import(readExportedUser(user, firebase), operator());
  } catch (error) {
    if (error instanceof OptionFault) return { error: error.message };
    throw error;
  }
}

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
