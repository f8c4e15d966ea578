/** Imports of one JSON object a line: the caller's process reads the file, and where the data is the lines are taken over. */
import { OptionFault, UniqueViolation } from "latchkey";
import { type Input, list } from "./arguments.ts";
import { batchesOf, linesOf, longestLine } from "./lines.ts";

export interface Imported {
  readonly imported: number;
  /** Here already, from an earlier run. */
  readonly present: number;
  readonly bad: readonly { readonly line: number; readonly error: string }[];
}

type Taken = "imported" | "present" | { readonly error: string };

/** The caller's side of a command. */
interface Sender {
  send(input: Input): Promise<unknown>;
  note(line: string): void;
}

const shownBad = 20;

/** Sends the lines of a file in batches, `more` with each, and tells how far it is. */
export async function sendLines(file: string, { send, note }: Sender, more: Input = {}): Promise<Imported> {
  const total = { imported: 0, present: 0, bad: [] as { line: number; error: string }[] };
  try {
    for await (const batch of batchesOf(linesOf(file))) {
      const number = batch.map(([at]) => String(at));
      const part = (await send({ ...more, line: batch.map(([, line]) => line), number })) as Imported;
      total.imported += part.imported;
      total.present += part.present;
      total.bad.push(...part.bad);
      note(`up to line ${batch.at(-1)![0]}: ${total.imported} imported, ${total.present} here already, ${total.bad.length} bad`);
    }
  } catch (error) {
    // Stopped half-way: what was wrong so far is told all the same.
    if (total.bad.length > 0) note(printImported(total));
    throw error;
  }
  return total;
}

/** Takes over one batch. An OptionFault of `take` makes its line bad, a UniqueViolation one that is here already. */
export async function takeLines(input: Input, take: (value: object) => Promise<"imported" | "present">): Promise<Imported> {
  const numbers = list(input, "number");
  const results = await Promise.all(list(input, "line").map((line) => takeLine(line, take)));
  return {
    imported: results.filter((result) => result === "imported").length,
    present: results.filter((result) => result === "present").length,
    bad: results.flatMap((result, index) => (typeof result === "string" ? [] : [{ line: Number(numbers[index]), error: result.error }])),
  };
}

async function takeLine(line: string, take: (value: object) => Promise<"imported" | "present">): Promise<Taken> {
  if (line.length > longestLine) return { error: `longer than ${longestLine} characters` };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // What stands there is not told: it may be a key or a hash.
    return { error: "not JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { error: "not a JSON object" };
  try {
    return await take(value);
  } catch (error) {
    if (error instanceof UniqueViolation) return "present";
    if (error instanceof OptionFault) return { error: error.message };
    throw error;
  }
}

export function printImported({ imported, present, bad }: Imported): string {
  const rows = bad.slice(0, shownBad).map(({ line, error }) => `line ${line}: ${error}`);
  if (bad.length > shownBad) rows.push(`and ${bad.length - shownBad} more; --json lists them all`);
  return [`${imported} imported, ${present} here already, ${bad.length} bad.`, ...rows].join("\n");
}

/** 1 when a line was bad. */
export const importExitCode = ({ bad }: Imported): 0 | 1 => (bad.length === 0 ? 0 : 1);
