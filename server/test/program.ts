import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A program of ours under test. */
export interface Program {
  readonly process: ChildProcess;
  /** Everything on stdout until it matches. */
  until(pattern: RegExp): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts a Node program of this repository. */
export function start(file: string, argv: readonly string[], environment: NodeJS.ProcessEnv): Program {
  const child = spawn(process.execPath, [`${root}${file}`, ...argv], { cwd: root, env: { ...cleanEnvironment(), ...environment } });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    process: child,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(output) && resolve(output);
        child.stdout.on("data", look);
        void ended.then(() => reject(new Error(`${file} ended: ${output}${errors}`)));
        look();
      }),
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs `latchkey` to its end. */
export async function latchkey(argv: readonly string[], environment: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [`${root}server/dist/bin.js`, ...argv], { env: { ...cleanEnvironment(), ...environment } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, stdout, stderr };
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LATCHKEY_") && name !== "NODE_OPTIONS"));
}
