// Servers that a test starts, kills and removes: from the programs installed on this machine, on a free port,
// with a folder of their own.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server of one's own. */
export interface Engine {
  readonly url: string;
  /** Starts it again on the same port and the same data; resolves when it takes connections. */
  start(): Promise<void>;
  /** Sends a signal and resolves when the process is gone. For PostgreSQL SIGINT is a fast, SIGQUIT an immediate shutdown. */
  stop(signal: NodeJS.Signals): Promise<void>;
  /** Stops it and removes its data. */
  remove(): Promise<void>;
}

/** Why a server cannot be started here; undefined when it can. */
export const postgresMissing = (): string | undefined =>
  postgresProgram("postgres") === undefined ? "no `postgres` is installed" : account("postgres");
export const redisMissing = (): string | undefined => (onPath("redis-server") === undefined ? "no `redis-server` is installed" : undefined);
export const nginxMissing = (): string | undefined =>
  onPath("nginx") === undefined ? "no `nginx` is installed" : onPath("python3") === undefined ? "no `python3` is installed" : undefined;

export const caddyMissing = (): string | undefined =>
  onPath("caddy") === undefined ? "no `caddy` is installed" : onPath("python3") === undefined ? "no `python3` is installed" : undefined;

export const opensslMissing = (): string | undefined => (onPath("openssl") === undefined ? "no `openssl` is installed" : undefined);

/** A Caddy of one's own, running on the Caddyfile in this folder, which is removed with it. */
export async function startCaddy(folder: string, port: number): Promise<Engine> {
  const program = onPath("caddy");
  if (program === undefined) throw new Error(`caddy: ${caddyMissing()}.`);
  const engine = engineOf({
    url: `http://127.0.0.1:${port}`,
    folder,
    port,
    launch: () =>
      spawn(program, ["run", "--config", "Caddyfile"], {
        cwd: folder,
        env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
        stdio: ["ignore", "ignore", "pipe"],
      }),
    ready: /serving initial configuration/,
  });
  await engine.start();
  return engine;
}

/** An nginx of one's own, running on the configuration in this folder, which is removed with it. */
export async function startNginx(folder: string, port: number): Promise<Engine> {
  const program = onPath("nginx");
  if (program === undefined) throw new Error(`nginx: ${nginxMissing()}.`);
  const argv = ["-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off; master_process off;"];
  const engine = engineOf({
    url: `http://127.0.0.1:${port}`,
    folder,
    port,
    launch: () => spawn(program, argv, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] }),
    ready: /using the "\w+" event method/,
  });
  await engine.start();
  return engine;
}

/**
 * A PostgreSQL of one's own, running. PostgreSQL refuses to run as root: then it runs as the account that its package
 * made. `settings` are lines of its configuration, e.g. `fsync=off`.
 */
export async function startPostgres(settings: readonly string[] = []): Promise<Engine> {
  const [initdb, postgres] = [postgresProgram("initdb"), postgresProgram("postgres")];
  const missing = postgresMissing();
  if (initdb === undefined || postgres === undefined || missing !== undefined) throw new Error(`PostgreSQL: ${missing}.`);
  const folder = mkdtempSync(join(tmpdir(), "latchkey-pg-"));
  const identity = accountIds("postgres");
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid);
  const data = join(folder, "data");
  const environment = { PATH: process.env.PATH ?? "", LC_ALL: "C.UTF-8" };
  const how = { ...identity, cwd: folder, env: environment } as const;
  execFileSync(initdb, ["-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"], { ...how, stdio: "pipe" });
  const port = await freePort();
  const options = ["listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "shared_buffers=16MB", ...settings];
  const argv = ["-D", data, "-p", String(port), ...options.flatMap((option) => ["-c", option])];
  const engine = engineOf({
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    port,
    launch: () => spawn(postgres, argv, { ...how, stdio: ["ignore", "ignore", "pipe"] }),
    // It opens its port before it is ready, and says so here when it is.
    ready: /ready to accept connections/,
  });
  await engine.start();
  return engine;
}

/** A Redis of one's own, running, that keeps nothing on disk: after a restart it is empty. */
export async function startRedis(): Promise<Engine> {
  const program = onPath("redis-server");
  if (program === undefined) throw new Error(`Redis: ${redisMissing()}.`);
  const folder = mkdtempSync(join(tmpdir(), "latchkey-redis-"));
  const port = await freePort();
  const argv = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const engine = engineOf({
    url: `redis://127.0.0.1:${port}`,
    folder,
    port,
    launch: () => spawn(program, argv, { stdio: ["ignore", "pipe", "ignore"] }),
    ready: /Ready to accept connections/i,
  });
  await engine.start();
  return engine;
}

interface Launch {
  readonly url: string;
  readonly folder: string;
  readonly port: number;
  readonly launch: () => ChildProcess;
  readonly ready: RegExp;
}

function engineOf({ url, folder, port, launch, ready }: Launch): Engine {
  let running: ChildProcess | undefined;
  let gone: Promise<unknown> = Promise.resolve();
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    running?.kill(signal);
    await gone;
    running = undefined;
  };
  return {
    url,
    async start() {
      for (let tries = 1; ; tries += 1) {
        const child = launch();
        running = child;
        gone = new Promise((resolve) => child.once("exit", resolve));
        try {
          await saidReady(child, ready);
          return await untilConnects(port);
        } catch (error) {
          // After a kill -9 what its children still hold is not free at once.
          if (tries >= 20) throw error;
          await stop("SIGKILL");
          await new Promise((resume) => setTimeout(resume, 100));
        }
      }
    },
    stop,
    async remove() {
      await stop("SIGKILL");
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

function saidReady(child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-10_000);
      if (ready.test(output)) resolve();
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`It ended with ${code}:\n${output}`)));
  });
}

function untilConnects(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** Debian keeps PostgreSQL's programs out of the PATH, in a folder for each version: the newest is taken. */
function postgresProgram(name: string): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).toSorted((one, other) => Number(other) - Number(one)) : [];
  const found = versions.map((version) => join(root, version, "bin", name)).find((path) => existsSync(path));
  return found ?? onPath(name);
}

function onPath(name: string): string | undefined {
  // Debian keeps servers where only root's PATH looks.
  return [...(process.env.PATH ?? "").split(":"), "/usr/sbin"].map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Why root cannot become this account; undefined when it can, or need not. */
function account(name: string): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    accountIds(name);
    return undefined;
  } catch {
    return `root cannot run it, and there is no account \`${name}\``;
  }
}

function accountIds(name: string): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (kind: "-u" | "-g"): number =>
    Number(execFileSync("id", [kind, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  return { uid: id("-u"), gid: id("-g") };
}
