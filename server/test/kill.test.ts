import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { connect } from "node:net";
import { build, command, served, start } from "./program.ts";

beforeAll(() => build(), 90_000);

/** Requests that each worker sends at once, and after how many answers each round ends. */
const workers = 30;
const rounds = [1, 7, 25, 60, 110, 150];

test("loses no key that was printed and none that was revoked, however often it is killed [attack:ST-08]", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lk-"));
  // What is revoked is asked for hundreds of times from one address.
  const own = { LATCHKEY_DATA: folder, LATCHKEY_PORT: "0", LATCHKEY_LIMITS: "off" };
  const serve = async () => {
    const program = start("server/dist/bin.js", ["serve"], own);
    return { program, address: /http:\/\/localhost:\d+/.exec(await program.until(/\/whoami\n|Make a key/))![0] };
  };
  let { program, address } = await serve();
  const user = JSON.parse((await command(["user", "create", "--email", "ada@example.com", "--json"], own)).stdout) as { id: string };
  const made = await command(["key", "create", "--name", "m", "--owner", user.id, "--scope", "keys:manage", "--json"], own);
  const { key } = JSON.parse(made.stdout) as { key: string };
  const headers = { "x-api-key": key, "content-type": "application/json" };
  const printed: string[] = [];
  const revoked: string[] = [];
  /** Under way when it was killed: it may stand or not. */
  const unknown = new Set<string>();
  const work = async (worker: number, enough: number) => {
    for (let number = worker; ; number += 1) {
      const answer = await fetch(`${address}/keys`, { method: "POST", headers, body: `{"name":"k${number}"}` });
      const one = (await answer.json()) as { id: string; key: string };
      printed.push(one.key);
      if (printed.length === enough) program.process.kill("SIGKILL");
      if (number % 2 !== 0) continue;
      unknown.add(one.key);
      const { status } = await fetch(`${address}/keys/${one.id}`, { method: "DELETE", headers });
      if (status === 204) revoked.push(one.key);
    }
  };
  // One after the other: on a busy machine hundreds at once would meet the time limit of a connection.
  const statuses = async (keys: readonly string[]) => {
    const found = new Set<number>();
    for (const one of keys) found.add((await fetch(`${address}/whoami`, { headers: { "x-api-key": one } })).status);
    return found;
  };
  for (const answers of rounds) {
    const enough = printed.length + answers;
    // Each ends when nobody answers any more.
    await Promise.allSettled(Array.from({ length: workers }, (_, worker) => work(worker, enough)));
    await program.stop("SIGKILL");
    expect(printed.length).toBeGreaterThanOrEqual(enough);
    ({ program, address } = await serve());
  }
  expect(revoked.length).toBeGreaterThan(0);
  expect(await statuses(printed.filter((one) => !unknown.has(one)))).toEqual(new Set([200]));
  expect(await statuses(revoked)).toEqual(new Set([401]));
  await program.stop();
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
