import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Writes down what the search for secrets looks through when the run is over. */
const recorder = new URL("../../library/test/secrets/record.mjs", import.meta.url).href;

/** A program of ours under test. */
export interface Program {
  readonly process: ChildProcess;
  /** Everything on stdout so far, and on stderr. */
  output(): string;
  errors(): string;
  /** Everything on stdout until it matches. */
  until(pattern: RegExp): Promise<string>;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a Node program of this repository. */
export function start(file: string, argv: readonly string[], environment: NodeJS.ProcessEnv, cwd = root): Program {
  const child = spawn(process.execPath, ["--import", recorder, `${root}${file}`, ...argv], {
    cwd,
    env: { ...cleanEnvironment(), ...environment },
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    process: child,
    output: () => output,
    errors: () => errors,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(output) && resolve(output);
        child.stdout.on("data", look);
        void ended.then(() => reject(new Error(`${file} ended: ${output}${errors}`)));
        look();
      }),
    ended,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs `latchkey` to its end. */
export async function latchkey(argv: readonly string[], environment: NodeJS.ProcessEnv, input = "", cwd = root) {
  const program = start("server/dist/bin.js", argv, environment, cwd);
  program.process.stdin!.end(input);
  const exitCode = await program.ended;
  return { exitCode, stdout: program.output(), stderr: program.errors() };
}

/** The same in this process, which costs no start: for what needs no process of its own. */
export async function command(argv: readonly string[], environment: NodeJS.ProcessEnv) {
  const { run } = await import("../src/cli.ts");
  let stdout = "";
  let stderr = "";
  const exitCode = await run(argv, { environment, out: (text) => (stdout += text), error: (text) => (stderr += text) });
  return { exitCode, stdout, stderr };
}

/** A server on a folder of its own. */
export interface Served {
  readonly data: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly program: Program;
  readonly banner: string;
  readonly url: string;
  latchkey(...argv: string[]): ReturnType<typeof command>;
  makeKey(...argv: string[]): Promise<{ readonly id: string; readonly key: string }>;
  whoami(key: string): Promise<Response>;
  /** Sends bytes as they are, and gives back everything that is answered. */
  raw(bytes: string): Promise<string>;
  stop(): Promise<void>;
}

/** `npm start` where `by` is `tools/start.mjs`; else the built command itself. */
export async function served(settings: NodeJS.ProcessEnv = {}, by: readonly string[] = ["server/dist/bin.js", "serve"]): Promise<Served> {
  const data = temporaryFolder();
  const environment = { LATCHKEY_DATA: data, LATCHKEY_PORT: "0", ...settings };
  const [file, ...rest] = by;
  const program = start(file!, rest, environment);
  const banner = await program.until(/\/whoami\n|Make a key|Latchkey listens on [^}]*}/);
  const url = /https?:\/\/localhost:\d+/.exec(banner)![0];
  const run = (...argv: string[]) => command(argv, environment);
  return {
    data,
    environment,
    program,
    banner,
    url,
    latchkey: run,
    makeKey: async (...argv) =>
      JSON.parse((await run("key", "create", "--name", "test", "--json", ...argv)).stdout) as { id: string; key: string },
    whoami: (key) => fetch(`${url}/whoami`, { headers: { "x-api-key": key } }),
    raw: (bytes) => sendRaw(Number(new URL(url).port), bytes),
    async stop() {
      await program.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

/** Builds the server where it is stale, and what else is named; several test files may ask at once. */
export function build(...more: string[]): void {
  const built = spawnSync(process.execPath, [`${root}tools/build.mjs`, "server", ...more], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stderr);
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "lk-"));
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("LATCHKEY_") && name !== "NODE_OPTIONS" && name !== "VITEST"),
  );
}
