import type { Latchkey } from "latchkey";
import type { Input, OptionSpec } from "../arguments.ts";
import type { Configuration } from "../configuration/index.ts";
import type { Order, Outcome } from "../outcome.ts";

/** One command of the CLI: a file, and a line in the list of `index.ts`. */
export interface Command {
  /** `key create`. */
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments. */
  readonly positionals: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly example: string;
  /** It may begin a database. All others refuse a folder without one: the path was mistyped. */
  readonly makesData?: true;
  /**
   * What happens in the caller's process, before and around `run`: files and standard input are read here, and secrets asked
   * for. Left out: the arguments are sent to `run` as they are.
   */
  here?(call: Call): Promise<unknown>;
  /**
   * What happens where the data is: in the server of the data folder when one runs, so that it holds there at once, else in
   * this process. Answers a JSON value. Throws NotDone, UsageError or an OptionFault.
   */
  run?(auth: Latchkey, input: Input, positionals: readonly string[]): Promise<unknown>;
  /** The answer for people; "" says nothing. */
  print(output: never): string;
  /** 1 for an answer that tells of something that could not be done. */
  exitCode?(output: never): 0 | 1;
}

/** What `here` may use. */
export interface Call {
  readonly input: Input;
  readonly positionals: readonly string[];
  readonly configuration: Configuration;
  /** Calls `run` where the data is; throws what failed there. May be called again and again. */
  send(input: Input): Promise<unknown>;
  /** One of many answers on stdout, as it comes: as JSON with --json or without a text of it, else as the text. */
  say(answer: unknown, text?: string): void;
  /** A line for people, on stderr. */
  note(line: string): void;
  /** Runs what arrives on the socket of a server. */
  readonly perform: (auth: Latchkey, order: Order) => Promise<Outcome>;
}
