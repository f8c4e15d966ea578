import { type ImportedKey, type Latchkey, OptionFault, UniqueViolation } from "latchkey";
import { operator } from "../acted-by.ts";
import { list } from "../arguments.ts";
import { batchesOf, linesOf, longestLine } from "../lines.ts";
import type { Command } from "./command.ts";

interface Imported {
  readonly imported: number;
  /** Here already, from an earlier run. */
  readonly present: number;
  readonly bad: readonly { readonly line: number; readonly error: string }[];
}

const shownBad = 20;

export const keyImport: Command = {
  name: "key import",
  summary: "Take over keys hashed elsewhere: one JSON object a line, with sha256, prefix and name. Safe to run again after a stop.",
  positionals: ["FILE"],
  options: [],
  example: "latchkey key import keys.ndjson    (- reads standard input)",
  makesData: true,
  async here({ positionals: [file], send, note }) {
    const total = { imported: 0, present: 0, bad: [] as { line: number; error: string }[] };
    for await (const batch of batchesOf(linesOf(file!))) {
      const lines = batch.map(([, text]) => text);
      const part = (await send({ line: lines, number: batch.map(([number]) => String(number)) })) as Imported;
      total.imported += part.imported;
      total.present += part.present;
      total.bad.push(...part.bad);
      note(`up to line ${batch.at(-1)![0]}: ${total.imported} imported, ${total.present} here already, ${total.bad.length} bad`);
    }
    return total;
  },
  async run(auth, input): Promise<Imported> {
    const numbers = list(input, "number");
    const results = await Promise.all(list(input, "line").map((line) => importLine(auth, line)));
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

async function importLine(auth: Latchkey, line: string): Promise<"imported" | "present" | { readonly error: string }> {
  if (line.length > longestLine) return { error: `longer than ${longestLine} characters` };
  let key: unknown;
  try {
    key = JSON.parse(line);
  } catch {
    // What stands there is not told: it may be a key.
    return { error: "not JSON" };
  }
  if (typeof key !== "object" || key === null || Array.isArray(key)) return { error: "not a JSON object" };
  try {
    await auth.apiKeys.import(key as ImportedKey, operator());
    return "imported";
  } catch (error) {
    if (error instanceof UniqueViolation) return "present";
    if (error instanceof OptionFault) return { error: error.message };
    throw error;
  }
}
