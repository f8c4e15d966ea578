import { readFile } from "node:fs/promises";
import { type Input, type OptionSpec, text } from "./arguments.ts";
import { UsageError } from "./usage.ts";

/** How a secret comes in: never as an argument, which others see in the list of processes. */
export const secretFileOption: OptionSpec = { name: "secret-file", value: "FILE", describe: "file that holds the secret" };

export async function readSecretFile(input: Input): Promise<string> {
  const file = text(input, "secret-file");
  if (file === undefined) throw new UsageError("--secret-file is missing: a secret is never read from an argument.");
  return (await bytesOf(file)).toString("utf8").trim();
}

/** The body of a message: the very bytes of a file, or of standard input for `-`. */
export async function readBody(file: string): Promise<Buffer> {
  if (file !== "-") return bytesOf(file);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new UsageError(`${file} cannot be read.`);
  }
}
