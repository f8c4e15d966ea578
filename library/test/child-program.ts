// A program of a process of its own, made of our sources, to be killed in the middle of what it does.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "rolldown";
import { afterAll, beforeAll } from "vitest";

export interface Child {
  /** Resolves once it has written this to its standard output. Rejects when it ends before, with what it said of it. */
  says(text: string): Promise<void>;
  /** Its exit code, or null where a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Kills it with -9, and resolves once it is gone. */
  kill(): Promise<void>;
}

/** Builds a program of this folder for the tests of this file; answers how it is started. */
export function childProgram(source: string): (...args: readonly string[]) => Child {
  // Inside the repository, so that it finds the drivers.
  const folder = join(import.meta.dirname, "../../test-results");
  const program = join(folder, `${basename(source, ".ts")}-${process.pid}.mjs`);
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    await build({
      input: join(import.meta.dirname, source),
      platform: "node",
      // Packages stay outside.
      external: [/^[a-z@](?!.*\.ts$)/],
      output: { file: program, codeSplitting: false },
      logLevel: "silent",
    });
  });
  afterAll(() => rmSync(program, { force: true }));
  // Its standard input stays open as long as this process lives: what reads it ends with us.
  return (...args) => follow(spawn(process.execPath, [program, ...args], { stdio: "pipe" }));
}

function follow(child: ChildProcess): Child {
  let said = "";
  let errors = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.stderr!.on("data", (chunk) => (errors += String(chunk)));
  child.stdout!.on("data", (chunk) => (said += String(chunk)));
  return {
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => void (said.includes(text) && resolve());
        child.stdout!.on("data", look);
        look();
        void ended.then(() => reject(new Error(`It ended without saying "${text}". ${errors}`)));
      }),
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
