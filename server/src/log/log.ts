import { writeSync } from "node:fs";
import { scrub } from "latchkey";
import type { Logger } from "pino";
import { prettyLine } from "./pretty.ts";

export type Level = "debug" | "info" | "warn" | "error" | "fatal";
export type Facts = Readonly<Record<string, unknown>>;

/** The log of the server: JSON lines on stdout, short ones on a terminal. Holds no secret. */
export interface Log {
  /** Whether lines of this level are written: ask before making one that costs something. */
  writes(level: Level): boolean;
  write(level: Level, message: string, facts?: Facts): void;
  /** Everything that was written has left the process. */
  flush(): Promise<void>;
}

interface LogOptions {
  readonly level: Level | "silent";
  readonly terminal: boolean;
  /** Where lines go; stdout when left out. */
  readonly out?: (line: string) => void;
}

const order: readonly string[] = ["debug", "info", "warn", "error", "fatal", "silent"];

/** Fields that hold a secret wherever they stand. */
const secretFields =
  "authorization cookie setCookie password secret token key accessToken refreshToken clientSecret headers body query".split(" ");

/** pino is loaded with the first line that is written, so that a start without one does not pay for it. */
export function createLog({ level, terminal, out = writeOut }: LogOptions): Log {
  const print = (line: string): void => out(terminal ? prettyLine(scrub(line)) : scrub(line));
  let logger: Logger | undefined;
  let waiting: (() => void)[] = [];
  let loading: Promise<void> | undefined;

  async function load(): Promise<void> {
    const { pino } = await import("pino");
    logger = pino(
      {
        level,
        base: null,
        messageKey: "message",
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: "[redacted]" },
      },
      { write: print },
    );
    for (const write of waiting) write();
    waiting = [];
  }

  const writes = (wanted: Level): boolean => order.indexOf(wanted) >= order.indexOf(level);
  return {
    writes,
    write(wanted, message, facts = {}) {
      if (!writes(wanted)) return;
      const write = (): void => logger![wanted](facts, message);
      if (logger !== undefined) return write();
      waiting.push(write);
      loading ??= load();
    },
    flush: async () => loading,
  };
}

/** Straight to the descriptor: a line that was written survives whatever ends the process. */
function writeOut(line: string): void {
  try {
    writeSync(1, line);
  } catch (error) {
    // The reader is slow, or gone; a log must not end the server.
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") process.stdout.write(line);
  }
}
