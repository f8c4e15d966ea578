import { hash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Configuration } from "./configuration/index.ts";
import { failure, type Order, type Outcome } from "./outcome.ts";
import { UsageError } from "./usage.ts";

/**
 * One socket for each database of a data folder, so that a command never reaches a server on another. Paths of sockets are
 * short on every system; a deep data folder gets one in a private temporary folder.
 */
export function socketPath({ data, values: { databaseUrl } }: Configuration): string {
  const path = join(data, databaseUrl === undefined ? "latchkey.sock" : `latchkey-${hash("sha256", databaseUrl).slice(0, 12)}.sock`);
  if (Buffer.byteLength(path) <= 100) return path;
  const folder = join(tmpdir(), `latchkey-${process.getuid?.() ?? 0}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  // Anybody may have made a folder of this name first, to be sent our commands.
  if (uid !== (process.getuid?.() ?? 0) || (mode & 0o077) !== 0)
    throw new UsageError(`${folder} is open to others. Choose a data folder with a shorter path.`);
  return join(folder, `${hash("sha256", path).slice(0, 24)}.sock`);
}

/** Whether a server answers on the socket of this data folder. */
export function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Runs commands that arrive on the socket, which only the owner of the data folder can open (mode 0600). */
export async function listenForCommands(path: string, run: (order: Order) => Promise<Outcome>): Promise<Server> {
  // Whoever calls holds the lock of the data folder: what lies here was left by a process that is gone.
  rmSync(path, { force: true });
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on("error", () => response.destroy());
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestOrder) incoming.destroy();
      else chunks.push(chunk);
    });
    incoming.on("end", () => {
      void answer(run, Buffer.concat(chunks).toString()).then((outcome) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(outcome));
      });
    });
  });
  const mask = process.umask(0o177);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve)).finally(() => process.umask(mask));
  chmodSync(path, 0o600);
  return server;
}

const longestOrder = 16 * 1024 * 1024;

async function answer(run: (order: Order) => Promise<Outcome>, body: string): Promise<Outcome> {
  try {
    return await run(JSON.parse(body) as Order);
  } catch (error) {
    return failure(error);
  }
}

/** Sends a command to the server of the data folder. */
export function sendCommand(path: string, order: Order): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const lost = ({ message }: Error): void =>
      reject(new Error(`the server stopped before it answered (${message}): what was asked may be done or not. Look, and ask again.`));
    const outgoing = request({ socketPath: path, method: "POST", path: "/command" }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Outcome));
      response.on("error", lost);
    });
    outgoing.once("error", lost);
    outgoing.end(JSON.stringify(order));
  });
}
