import { Fault, OptionFault } from "latchkey";
import { NotDone, UsageError } from "./usage.ts";

/** What came of a command: 0 done, 1 refused or not found, 2 wrong usage, 3 a fault. */
export type Outcome = { readonly exitCode: 0; readonly output: unknown } | Failure;
export type Failure = { readonly exitCode: 1 | 2 | 3; readonly error: string };

/** A command, on its way to where the data is. */
export interface Order {
  readonly name: string;
  readonly input: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
}

/** What was thrown, as an outcome. */
export function failure(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  if (error instanceof NotDone) return { exitCode: 1, error: error.message };
  if (error instanceof UsageError || error instanceof OptionFault) return { exitCode: 2, error: error.message };
  if (error instanceof Fault) return { exitCode: 3, error: `${error.code}: ${error.message}${causeOf(error)}` };
  return { exitCode: 3, error: error instanceof Error ? error.message : String(error) };
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? ` (${cause.message})` : "";
}

/** The failure of an order, thrown again by whoever sent it. */
export class Failed extends Error {
  readonly failure: Failure;
  constructor(failed: Failure) {
    super(failed.error);
    this.failure = failed;
  }
}
