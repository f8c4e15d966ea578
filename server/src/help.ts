import type { OptionSpec } from "./arguments.ts";
import type { Command } from "./commands/index.ts";

const more = "latchkey COMMAND --help tells more.";

export function overview(commands: readonly Command[]): string {
  return [
    "latchkey: authentication for APIs",
    "",
    ...rowsOf(commands),
    "",
    `${more} Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 a fault.`,
  ].join("\n");
}

/** The commands that begin with the same word. */
export function groupHelp(word: string, commands: readonly Command[]): string {
  return [`latchkey ${word}: ${commands.length} commands`, "", ...rowsOf(commands), "", more].join("\n");
}

/** A line each: the first sentence of what it does. */
function rowsOf(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary.split(/(?<=\.) /, 1)[0]}`);
}

export function helpOf({ name, summary, positionals, example }: Command, options: readonly OptionSpec[]): string {
  const names = options.map((option) => `--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`);
  const width = Math.max(...names.map((text) => text.length));
  const rows = options.map((option, index) => `  ${names[index]!.padEnd(width)}  ${option.describe}`);
  return [`latchkey ${[name, ...positionals].join(" ")}: ${summary}`, "", ...rows, "", `Example: ${example}`].join("\n");
}
