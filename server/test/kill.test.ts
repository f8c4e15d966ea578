import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { connect } from "node:net";
import { build, command, served, start } from "./program.ts";

beforeAll(() => build(), 90_000);

test("loses no key that was printed and none that was revoked when it is killed [attack:ST-08]", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lk-"));
  const own = { LATCHKEY_DATA: folder, LATCHKEY_PORT: "0" };
  const first = start("server/dist/bin.js", ["serve"], own);
  const address = /http:\/\/localhost:\d+/.exec(await first.until(/\/whoami\n/))![0];
  const user = JSON.parse((await command(["user", "create", "--email", "ada@example.com", "--json"], own)).stdout) as { id: string };
  const made = await command(["key", "create", "--name", "m", "--owner", user.id, "--scope", "keys:manage", "--json"], own);
  const { key } = JSON.parse(made.stdout) as { key: string };
  const acknowledged: string[] = [];
  const revoked: string[] = [];
  /** Under way when it was killed: it may stand or not. */
  const unknown = new Set<string>();
  const headers = { "x-api-key": key, "content-type": "application/json" };
  const work = async (worker: number) => {
    for (let number = worker; ; number += 1) {
      const answer = await fetch(`${address}/keys`, { method: "POST", headers, body: `{"name":"k${number}"}` });
      const { id, key: printed } = (await answer.json()) as { id: string; key: string };
      acknowledged.push(printed);
      if (acknowledged.length === 150) first.process.kill("SIGKILL");
      if (number % 2 !== 0) continue;
      unknown.add(printed);
      const { status } = await fetch(`${address}/keys/${id}`, { method: "DELETE", headers });
      if (status === 204) revoked.push(printed);
    }
  };
  // Each ends when nobody answers any more.
  await Promise.allSettled(Array.from({ length: 30 }, (_, worker) => work(worker)));
  await first.stop("SIGKILL");
  const second = start("server/dist/bin.js", ["serve"], own);
  const again = /http:\/\/localhost:\d+/.exec(await second.until(/Make a key/))![0];
  // One after the other: on a busy machine hundreds at once would meet the time limit of a connection.
  const statuses = async (keys: readonly string[]) => {
    const found = new Set<number>();
    for (const printed of keys) found.add((await fetch(`${again}/whoami`, { headers: { "x-api-key": printed } })).status);
    return found;
  };
  expect(acknowledged.length).toBeGreaterThanOrEqual(150);
  expect(revoked.length).toBeGreaterThan(0);
  expect(await statuses(acknowledged.filter((printed) => !unknown.has(printed)))).toEqual(new Set([200]));
  expect(await statuses(revoked)).toEqual(new Set([401]));
  await second.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("answers what is under way when it is told to stop, takes nothing new, and ends with 0 [attack:ST-08]", async () => {
  const server = await served();
  const user = JSON.parse((await server.latchkey("user", "create", "--email", "ada@example.com", "--json")).stdout) as { id: string };
  const { key } = await server.makeKey("--scope", "keys:manage", "--owner", user.id);
  const port = Number(new URL(server.url).port);
  const body = '{"name":"under way"}';
  const head = `POST /keys HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  // A connection that was used before, and a request on it whose body is still on its way.
  socket.write(`GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await expect.poll(() => answer).toMatch(/"up"/);
  socket.write(head);
  // Answered on another connection, so the server has read what came before on this one.
  await fetch(`${server.url}/healthz`);
  server.program.process.kill("SIGTERM");
  const opens = () =>
    new Promise((resolve) => {
      const other = connect(port, "127.0.0.1");
      other.once("connect", () => resolve(true)).once("error", () => resolve(false));
      other.once("connect", () => other.destroy());
    });
  await expect.poll(opens).toBe(false);
  answer = "";
  socket.write(body);
  await closed;
  expect(answer).toMatch(/^HTTP\/1\.1 201 [^]*"key":"lk_/);
  expect(await server.program.ended).toBe(0);
  await server.stop();
});
