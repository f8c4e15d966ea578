import type { Latchkey } from "latchkey";
import { commands } from "./commands/index.ts";
import { failure, type Order, type Outcome } from "./outcome.ts";

/** Runs a command over the data. Never throws: what went wrong is the outcome. */
export async function perform(auth: Latchkey, { name, input, positionals }: Order): Promise<Outcome> {
  const command = commands.find((candidate) => candidate.name === name);
  if (command?.run === undefined) return { exitCode: 2, error: `The running server does not know ${name}. Is it of another version?` };
  try {
    return { exitCode: 0, output: await command.run(auth, input, positionals) };
  } catch (error) {
    return failure(error);
  }
}
