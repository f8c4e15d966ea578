import { parseArgs } from "node:util";
import { UsageError } from "./usage.ts";

/** One option of a command, as `--name VALUE`. */
export interface OptionSpec {
  readonly name: string;
  readonly value: string | undefined;
  readonly many?: boolean;
  readonly describe: string;
}

export type Input = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Reads options and positional arguments. Throws a UsageError that names what is unknown or missing a value. */
export function readArguments(argv: readonly string[], options: readonly OptionSpec[]): { input: Input; positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        options.map((option) => [
          option.name,
          { type: option.value === undefined ? "boolean" : "string", multiple: option.many === true } as const,
        ]),
      ),
    });
    return { input: values as Input, positionals };
  } catch (error) {
    const allowed = options.map((option) => `--${option.name}`).join(", ");
    throw new UsageError(`${(error as Error).message.split(". ")[0]}. Allowed: ${allowed}.`);
  }
}

/** An option that is a text, or undefined. */
export function text(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" ? value : undefined;
}

/** An option that may be given several times. */
export function list(input: Input, name: string): readonly string[] {
  const value = input[name];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}
