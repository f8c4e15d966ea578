import { existsSync } from "node:fs";
import type { Latchkey } from "latchkey";
import manifest from "../package.json" with { type: "json" };
import { type Input, type OptionSpec, readArguments } from "./arguments.ts";
import { type Call, type Command, commands } from "./commands/index.ts";
import { type Configuration, dataOptions, issuerOn, readConfiguration, readSecrets } from "./configuration/index.ts";
import { databaseOf } from "./database.ts";
import { groupHelp, helpOf, overview } from "./help.ts";
import { isServed, sendCommand, socketPath } from "./local-socket.ts";
import { suggestion } from "./nearest.ts";
import { Failed, failure, type Outcome } from "./outcome.ts";
import { perform } from "./perform.ts";
import { NotDone, UsageError } from "./usage.ts";

const common: readonly OptionSpec[] = [
  ...dataOptions,
  { name: "json", value: undefined, describe: "one JSON document on stdout, nothing else" },
  { name: "help", value: undefined, describe: "this text" },
];

/** Where the program hears and speaks. */
export interface Terminal {
  readonly environment: NodeJS.ProcessEnv;
  out(text: string): void;
  error(text: string): void;
}

/** Runs the program and gives its exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const say = (text: string): 0 => {
    if (text !== "") terminal.out(`${text}\n`);
    return 0;
  };
  // What went wrong is said in the form that was asked for, even when the arguments could not be read.
  const json = argv.includes("--json");
  try {
    if (argv.length === 0 || argv[0] === "--help" || argv[0] === "help") return say(overview(commands));
    if (argv[0] === "--version") return say(json ? JSON.stringify({ version: manifest.version }) : manifest.version);
    const group = commands.filter(({ name }) => name.startsWith(`${argv[0]} `));
    if (group.length > 0 && argv[1] === "--help") return say(groupHelp(argv[0]!, group));
    const command = findCommand(argv);
    const own = new Set(command.options.map(({ name }) => name));
    const options = [...command.options, ...common.filter(({ name }) => !own.has(name))];
    const { input, positionals } = readArguments(argv.slice(command.name.split(" ").length), options);
    if (input.help === true) return say(helpOf(command, options));
    if (positionals.length !== command.positionals.length) {
      throw new UsageError(`latchkey ${command.name} takes ${command.positionals.join(" ") || "no argument"}. Example: ${command.example}`);
    }
    const output = await runCommand(command, input, positionals, terminal);
    say(json && output !== undefined ? JSON.stringify(output, instantsAsText) : command.print(output as never));
    return command.exitCode?.(output as never) ?? 0;
  } catch (error) {
    const { exitCode, error: message } = failure(error);
    terminal.error(`latchkey: ${message}\n`);
    if (json) say(JSON.stringify({ error: message }));
    return exitCode;
  }
}

function findCommand(argv: readonly string[]): Command {
  const command = commands.find(({ name }) => name === argv.slice(0, name.split(" ").length).join(" "));
  if (command !== undefined) return command;
  throw noSuchCommand(argv.slice(0, 2).filter((word) => !word.startsWith("-")));
}

/** Names what was meant, the others that begin with the same word, or the words that commands begin with. */
function noSuchCommand(words: readonly string[]): UsageError {
  const given = words.join(" ");
  const names = commands.map(({ name }) => name);
  const alike = names.filter((name) => name.startsWith(`${words[0]} `));
  if (words.length === 1 && alike.length > 0) return new UsageError(`${given} begins several commands: ${alike.join(", ")}.`);
  const begins = new Set(names.map((name) => (name.includes(" ") ? `${name.split(" ", 1)[0]} …` : name)));
  const allowed = alike.length > 0 ? alike : [...begins];
  return new UsageError(`there is no command ${JSON.stringify(given)}.${suggestion(given, names)} Allowed: ${allowed.join(", ")}.`);
}

/** Opens what the command needs when it first needs it, and closes it in the end. */
async function runCommand(command: Command, input: Input, positionals: readonly string[], terminal: Terminal): Promise<unknown> {
  const configuration = await readConfiguration(input, terminal.environment);
  let opened: Latchkey | undefined;
  const path = socketPath(configuration);
  const send = async (sent: Input): Promise<unknown> => {
    const order = { name: command.name, input: sent, positionals };
    if (opened === undefined && (await isServed(path))) return outputOf(await sendCommand(path, order));
    opened ??= await openData(command, configuration, terminal);
    return outputOf(await perform(opened, order));
  };
  const say = (answer: unknown, text?: string): void =>
    terminal.out(`${input.json === true || text === undefined ? JSON.stringify(answer, instantsAsText) : text}\n`);
  const note = (line: string): void => terminal.error(`${line}\n`);
  const call: Call = { input, positionals, configuration, send, perform, say, note };
  try {
    return await (command.here === undefined ? send(input) : command.here(call));
  } finally {
    await opened?.close();
  }
}

/** The database itself: no server runs on this folder. */
async function openData(command: Command, configuration: Configuration, terminal: Terminal): Promise<Latchkey> {
  const database = databaseOf(configuration);
  if (command.makesData !== true && database.kind === "sqlite" && !existsSync(database.path)) {
    throw new NotDone(
      `there is no database at ${database.path}. Is the path right (--data, LATCHKEY_DATA)? A first one is made by: latchkey serve`,
    );
  }
  const { openLatchkey } = await import("./open.ts");
  return openLatchkey(configuration, {
    issuer: issuerOn(configuration, configuration.port),
    secrets: readSecrets(configuration),
    onFault: (error) => terminal.error(`latchkey: ${failure(error).error}\n`),
    onWarning: (message) => terminal.error(`latchkey: ${message}\n`),
  });
}

function outputOf(outcome: Outcome): unknown {
  if (outcome.exitCode !== 0) throw new Failed(outcome);
  return outcome.output;
}

/** Instants are RFC 3339 in whatever we print as JSON. */
function instantsAsText(key: string, value: unknown): unknown {
  return typeof value === "number" && (key === "at" || key.endsWith("At")) ? new Date(value).toISOString() : value;
}
