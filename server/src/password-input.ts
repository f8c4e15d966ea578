import { readFile } from "node:fs/promises";
import { type Input, type OptionSpec, text } from "./arguments.ts";
import { UsageError } from "./usage.ts";

/** How a password comes in: never as an argument, which others see in the list of processes. */
export const passwordOptions: readonly OptionSpec[] = [
  { name: "password-stdin", value: undefined, describe: "read the password from standard input" },
  { name: "password-file", value: "FILE", describe: "read the password from a file" },
];

/** The password, without the line break at its end; undefined when none of the options was given. */
export async function readPasswordInput(input: Input): Promise<string | undefined> {
  const file = text(input, "password-file");
  if (file !== undefined) return withoutBreak(await fileText(file));
  if (input["password-stdin"] !== true) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return withoutBreak(Buffer.concat(chunks).toString("utf8"));
}

function withoutBreak(given: string): string {
  return given.replace(/\r?\n$/, "");
}

async function fileText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new UsageError(`${file} cannot be read.`);
  }
}
