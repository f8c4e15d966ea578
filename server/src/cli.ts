import { type Input, type OptionSpec, readArguments } from "./arguments.ts";
import { type Command, commands } from "./commands/index.ts";
import { dataOption, readConfiguration, serveOptions } from "./configuration.ts";
import { isServed, sendCommand, socketPath } from "./local-socket.ts";
import { openLatchkey } from "./open.ts";
import { failure, type Outcome, perform } from "./perform.ts";
import { UsageError } from "./usage.ts";

const common: readonly OptionSpec[] = [
  dataOption,
  { name: "json", value: undefined, describe: "one JSON document on stdout, nothing else" },
  { name: "help", value: undefined, describe: "this text" },
];

/** Runs the program and gives its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === "serve") return await runServe(argv.slice(1));
    if (argv.length === 0 || argv[0] === "--help" || argv[0] === "help") return say(overview());
    const command = findCommand(argv);
    const rest = argv.slice(command.name.split(" ").length);
    const { input, positionals } = readArguments(rest, [...command.options, ...common]);
    if (input.help === true)
      return say(helpOf(command.name, command.summary, command.positionals, [...command.options, ...common], command.example));
    if (positionals.length !== command.positionals.length) {
      throw new UsageError(`latchkey ${command.name} takes ${command.positionals.join(" ") || "no argument"}. Example: ${command.example}`);
    }
    return report(await runCommand(command, input, positionals), command, input.json === true);
  } catch (error) {
    const outcome = failure(error);
    if (outcome.exitCode !== 0) process.stderr.write(`latchkey: ${outcome.error}\n`);
    return outcome.exitCode;
  }
}

async function runServe(argv: readonly string[]): Promise<number> {
  const options = [...serveOptions, common[2]!];
  const { input } = readArguments(argv, options);
  if (input.help === true) return say(helpOf("serve", "Start the server.", [], options, "latchkey serve --port 3000"));
  const { serve } = await import("./serve.ts");
  return serve(readConfiguration(input, process.env));
}

function findCommand(argv: readonly string[]): Command {
  const command = commands.find(({ name }) => name === argv.slice(0, name.split(" ").length).join(" "));
  if (command !== undefined) return command;
  const names = ["serve", ...commands.map(({ name }) => name)];
  throw new UsageError(`there is no command ${JSON.stringify(argv.slice(0, 2).join(" "))}. Allowed: ${names.join(", ")}.`);
}

/** In the running server of the data folder, so that it takes effect there at once; else over the database itself. */
async function runCommand(command: Command, input: Input, positionals: readonly string[]): Promise<Outcome> {
  const configuration = readConfiguration(input, process.env);
  const path = socketPath(configuration.data);
  if (await isServed(path)) return sendCommand(path, command, input, positionals);
  const auth = await openLatchkey(configuration, (error) => process.stderr.write(`latchkey: ${String(error)}\n`));
  try {
    return await perform(command, auth, input, positionals);
  } finally {
    await auth.close();
  }
}

function report(outcome: Outcome, command: Command, json: boolean): number {
  if (outcome.exitCode !== 0) {
    process.stderr.write(`latchkey: ${outcome.error}\n`);
    return outcome.exitCode;
  }
  return say(json ? JSON.stringify(outcome.output) : command.print(outcome.output as never));
}

function say(text: string): 0 {
  process.stdout.write(`${text}\n`);
  return 0;
}

function overview(): string {
  const rows = [{ name: "serve", summary: "Start the server." }, ...commands];
  return [
    "latchkey: authentication for APIs",
    "",
    ...rows.map(({ name, summary }) => `  ${name.padEnd(12)}  ${summary}`),
    "",
    "latchkey COMMAND --help tells more.",
  ].join("\n");
}

function helpOf(name: string, summary: string, positionals: readonly string[], options: readonly OptionSpec[], example: string): string {
  const rows = options.map(
    (option) => `  ${`--${option.name}${option.value === undefined ? "" : ` ${option.value}`}`.padEnd(20)}  ${option.describe}`,
  );
  return [`latchkey ${[name, ...positionals].join(" ")}: ${summary}`, "", ...rows, "", `Example: ${example}`].join("\n");
}
