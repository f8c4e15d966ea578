import type { Latchkey } from "latchkey";
import type { Input, OptionSpec } from "../arguments.ts";

/** One command of the CLI. It runs in the server of the data folder where there is one, else in this process. */
export interface Command {
  /** `key create`. */
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments. */
  readonly positionals: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly example: string;
  /** Answers a JSON value. Throws NotDone, UsageError or an OptionFault. */
  run(auth: Latchkey, input: Input, positionals: readonly string[]): Promise<unknown>;
  /** The answer for people. */
  print(output: never): string;
}
