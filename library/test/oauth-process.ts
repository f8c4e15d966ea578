// An authorization server in a process of its own, which tests kill and start again on the same database.
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { weakPasswords } from "./accounts-house.ts";

/** What all processes on one database have in common. A person has as many apps as the test has flows. */
export const processOptions = {
  issuer: "http://localhost:3000",
  secret: "one that all the processes have, of 32 bytes or more",
  passwords: weakPasswords,
  jwt: { refresh: { mostFamilies: 10_000 } },
} as const;

export interface Answered {
  readonly status: number;
  readonly location: string | null;
  readonly body: Record<string, unknown>;
  /** An earlier try was not answered: nobody knows what became of it. */
  readonly again: boolean;
}

export interface OAuthProcess {
  /** Asks until it is answered, also by the process that comes after one that was killed. */
  ask(path: string, init?: RequestInit): Promise<Answered>;
  /** kill -9, and another process on the same database. Resolves once it listens. */
  killAndRestart(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** The program that `startOAuthProcess` runs, built once for a test file. */
export async function buildOAuthProgram(): Promise<{ readonly program: string; remove(): void }> {
  const { build } = await import("rolldown");
  // Inside the repository, so that it finds the drivers.
  const program = join(import.meta.dirname, "../../test-results", `oauth-child-${process.pid}.mjs`);
  await build({
    input: join(import.meta.dirname, "oauth-child.ts"),
    platform: "node",
    external: [/^[a-z@](?!.*\.ts$)/],
    output: { file: program, codeSplitting: false },
    logLevel: "silent",
  });
  return { program, remove: () => rmSync(program, { force: true }) };
}

/** `place`: a file of SQLite, or the URL of a PostgreSQL. */
export async function startOAuthProcess(program: string, place: string): Promise<OAuthProcess> {
  const start = () => spawn(process.execPath, [program, place], { stdio: ["pipe", "pipe", "inherit"] });
  let child = start();
  let base = listening(child);
  const kill = async (next?: Promise<string>) => {
    if (next !== undefined) base = next;
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
  };
  await base;
  return {
    async ask(path, init = {}) {
      for (let tries = 1; ; tries += 1) {
        const at = await base;
        try {
          const answer = await fetch(`${at}${path}`, { redirect: "manual", ...init });
          const text = await answer.text();
          const json = answer.headers.get("content-type")?.includes("json") === true;
          const body = json ? (JSON.parse(text) as Record<string, unknown>) : {};
          return { status: answer.status, location: answer.headers.get("location"), body, again: tries > 1 };
        } catch (error) {
          if (tries > 10) throw error;
        }
      }
    },
    async killAndRestart() {
      let begin: (url: Promise<string>) => void;
      await kill(new Promise((resolve) => (begin = resolve)));
      child = start();
      begin!(listening(child));
      await base;
    },
    kill: () => kill(),
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", (port: Buffer) => resolve(`http://127.0.0.1:${port.toString().trim()}`));
    child.once("close", (code) => reject(new Error(`The server ended with ${code}.`)));
  });
}
