import { Fault, type Latchkey, OptionFault } from "latchkey";
import type { Input } from "./arguments.ts";
import type { Command } from "./commands/index.ts";
import { NotDone, UsageError } from "./usage.ts";

/** What came of a command: 0 done, 1 refused or not found, 2 wrong usage, 3 a fault. */
export type Outcome = { readonly exitCode: 0; readonly output: unknown } | { readonly exitCode: 1 | 2 | 3; readonly error: string };

/** Runs a command. Never throws: what went wrong is the outcome. */
export async function perform(command: Command, auth: Latchkey, input: Input, positionals: readonly string[]): Promise<Outcome> {
  try {
    return { exitCode: 0, output: await command.run(auth, input, positionals) };
  } catch (error) {
    return failure(error);
  }
}

export function failure(error: unknown): Outcome {
  if (error instanceof NotDone) return { exitCode: 1, error: error.message };
  if (error instanceof UsageError || error instanceof OptionFault) return { exitCode: 2, error: error.message };
  if (error instanceof Fault) return { exitCode: 3, error: `${error.code}: ${error.message}` };
  return { exitCode: 3, error: error instanceof Error ? error.message : String(error) };
}
