import { readFile } from "node:fs/promises";
import { type Input, type OptionSpec, text } from "./arguments.ts";
import { UsageError } from "./usage.ts";

/** How a token comes in: never as an argument, which others see in the list of processes and which stays in the shell's history. */
export const tokenOption: OptionSpec = { name: "file", value: "FILE", describe: "read it from a file (default: standard input)" };

/** Longer than anything that is meant: what is read here is a token, its claims or a key. */
const longest = 1024 * 1024;

/** The text of `--file`, else of standard input; somebody at a keyboard is told what is waited for. */
export async function readTextInput(input: Input, what: string, note: (line: string) => void): Promise<string> {
  const file = text(input, "file");
  if (file !== undefined) return readTextFile(file, "file");
  if (process.stdin.isTTY) note(`Paste ${what}, then press Enter and Ctrl-D.`);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    length += (chunk as Buffer).length;
    if (length > longest) throw new UsageError(`standard input has more than ${longest} bytes.`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The text of a file. Throws a UsageError that names the option and the file, and shows nothing of it. */
export async function readTextFile(file: string, option: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    throw new UsageError(`--${option}: ${file} cannot be read.`);
  }
  if (bytes.length > longest) throw new UsageError(`--${option}: ${file} has more than ${longest} bytes.`);
  return bytes.toString("utf8");
}
