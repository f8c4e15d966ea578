import { parseArgs } from "node:util";
import { suggestion } from "./nearest.ts";
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
    const { message } = error as Error;
    const names = options.map((option) => `--${option.name}`);
    const unknown = /^Unknown option '(--?[^' ]+)/.exec(message)?.[1];
    const problem = unknown === undefined ? `${message.split(/[.\n]/)[0]}.` : `there is no option ${unknown}.${suggestion(unknown, names)}`;
    throw new UsageError(`${problem} Allowed: ${names.join(", ")}.`);
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
