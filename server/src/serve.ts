import { existsSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Latchkey, systemClock } from "latchkey";
import { operator } from "./acted-by.ts";
import type { Configuration } from "./configuration.ts";
import { createListener } from "./listener.ts";
import { isServed, listenForCommands, socketPath } from "./local-socket.ts";
import { openLatchkey } from "./open.ts";
import { UsageError } from "./usage.ts";

/** Serves until it is told to stop; the result is the exit code. */
export async function serve(configuration: Configuration): Promise<number> {
  const path = socketPath(configuration.data);
  const firstStart = !existsSync(join(configuration.data, "latchkey.db"));
  if (await isServed(path)) throw new UsageError(`a server is running on ${configuration.data} already.`);
  const auth = await openLatchkey(configuration, logFault);
  const server = createListener(auth, configuration.issuer);
  const commandServer = await start(auth, server, configuration, path);
  const { port } = server.address() as AddressInfo;
  process.stdout.write(await welcome(auth, configuration, port, firstStart));
  await stopSignal();
  await drain(server);
  commandServer.close();
  rmSync(path, { force: true });
  await auth.close();
  return 0;
}

/** Both ears, or none: what was opened is closed again when a port or the socket cannot be had. */
async function start(auth: Latchkey, server: Server, configuration: Configuration, path: string): Promise<Server> {
  try {
    const commandServer = await listenForCommands(auth, path);
    await listen(server, configuration).catch((error: unknown) => {
      commandServer.close();
      throw error;
    });
    return commandServer;
  } catch (error) {
    await auth.close();
    throw error;
  }
}

function listen(server: Server, { host, port }: Configuration): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE" ? new UsageError(`port ${port} is in use. Choose another: --port 3001, or LATCHKEY_PORT.`) : error,
      ),
    );
    server.listen(port, host, resolve);
  });
}

async function welcome(auth: Latchkey, { issuer, development }: Configuration, port: number, firstStart: boolean): Promise<string> {
  const lines = [`Latchkey listens on http://localhost:${port} (issuer ${issuer}).`];
  if (firstStart && development) {
    const { key } = await auth.apiKeys.issue({ name: "demo", scopes: ["posts:read"] }, operator());
    lines.push("", `A demo key, shown once: ${key}`, "Try it:", "", `  curl -H "X-API-Key: ${key}" http://localhost:${port}/whoami`, "");
  } else {
    lines.push("Make a key: npx latchkey key create --name ci");
  }
  return `${lines.join("\n")}\n`;
}

/** Resolves at the first signal; a second one ends the process at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.once("SIGTERM", () => process.exit(1));
      process.once("SIGINT", () => process.exit(1));
      resolve();
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
  });
}

const drainMs = 10_000;

/** Answers what is under way, then closes; what takes longer than ten seconds is cut off. */
function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function logFault(error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  process.stderr.write(`${JSON.stringify({ level: "error", time: new Date(systemClock.now()).toISOString(), message: text })}\n`);
}
