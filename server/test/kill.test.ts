import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { build, command, start } from "./program.ts";

beforeAll(() => build(), 90_000);

test("loses no key that was printed [attack:ST-08]", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lk-"));
  const own = { LATCHKEY_DATA: folder, LATCHKEY_PORT: "0" };
  const first = start("server/dist/bin.js", ["serve"], own);
  const address = /http:\/\/localhost:\d+/.exec(await first.until(/\/whoami\n/))![0];
  const user = JSON.parse((await command(["user", "create", "--email", "ada@example.com", "--json"], own)).stdout) as { id: string };
  const made = await command(["key", "create", "--name", "m", "--owner", user.id, "--scope", "keys:manage", "--json"], own);
  const { key } = JSON.parse(made.stdout) as { key: string };
  const acknowledged: string[] = [];
  const create = async (number: number) => {
    const answer = await fetch(`${address}/keys`, {
      method: "POST",
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: `{"name":"k${number}"}`,
    });
    acknowledged.push(((await answer.json()) as { key: string }).key);
    if (acknowledged.length === 150) first.process.kill("SIGKILL");
  };
  await Promise.allSettled(Array.from({ length: 1_000 }, (_, number) => create(number)));
  await first.stop("SIGKILL");
  const second = start("server/dist/bin.js", ["serve"], own);
  const again = /http:\/\/localhost:\d+/.exec(await second.until(/Make a key/))![0];
  const statuses = new Set<number>();
  // One after the other: on a busy machine hundreds at once would meet the time limit of a connection.
  for (const printed of acknowledged) statuses.add((await fetch(`${again}/whoami`, { headers: { "x-api-key": printed } })).status);
  expect(acknowledged.length).toBeGreaterThanOrEqual(150);
  expect(statuses).toEqual(new Set([200]));
  await second.stop();
  rmSync(folder, { recursive: true, force: true });
});
