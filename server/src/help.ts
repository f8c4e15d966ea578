import type { OptionSpec } from "./arguments.ts";
import type { Command } from "./commands/index.ts";

export function overview(commands: readonly Command[]): string {
  return [
    "latchkey: authentication for APIs",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(12)}  ${summary}`),
    "",
    "latchkey COMMAND --help tells more. Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 a fault.",
  ].join("\n");
}

export function helpOf({ name, summary, positionals, example }: Command, options: readonly OptionSpec[]): string {
  const names = options.map((option) => `--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`);
  const width = Math.max(...names.map((text) => text.length));
  const rows = options.map((option, index) => `  ${names[index]!.padEnd(width)}  ${option.describe}`);
  return [`latchkey ${[name, ...positionals].join(" ")}: ${summary}`, "", ...rows, "", `Example: ${example}`].join("\n");
}
