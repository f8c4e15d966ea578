import { execFile } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { build, command, latchkey, type Served, served, start, temporaryFolder } from "./program.ts";

let server: Served;

beforeAll(async () => {
  build();
  server = await served();
}, 90_000);

afterAll(() => server.stop());

test("prints a curl line that works when pasted", async () => {
  const line = /curl .*/.exec(server.banner)![0];
  const { stdout } = await promisify(execFile)("sh", ["-c", `${line} -s`]);
  expect(JSON.parse(stdout)).toMatchObject({ method: "api-key", scopes: ["posts:read"] });
});

test("keeps secret, database and socket for the owner only [asvs:V13.3.2]", () => {
  for (const file of ["secret", "latchkey.db", "latchkey.sock", "server.lock"]) {
    expect(statSync(join(server.data, file)).mode & 0o777).toBe(0o600);
  }
});

test("keeps a data folder that it makes out of version control", async () => {
  const folder = join(temporaryFolder(), "deep");
  await command(["key", "create", "--name", "x"], { LATCHKEY_DATA: folder });
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe("*\n");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("names the real port as issuer where any free one was asked for", () => {
  expect(server.banner).toContain(`issuer ${server.url})`);
  expect(server.url).not.toMatch(/:0$/);
});

test("refuses a second server on the same folder, and leaves the first one's socket alone", async () => {
  expect(await latchkey(["serve"], server.environment)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("running") });
  expect((await server.latchkey("key", "list", "--json")).exitCode).toBe(0);
  expect(existsSync(join(server.data, "latchkey.sock"))).toBe(true);
});

test("of several first starts on one folder lets one win, with one secret", async () => {
  const data = temporaryFolder();
  const environment = { LATCHKEY_DATA: data, LATCHKEY_PORT: "0" };
  const programs = Array.from({ length: 4 }, () => start("server/dist/bin.js", ["serve"], environment));
  const results = await Promise.all(
    programs.map((program) =>
      Promise.race([
        program.until(/\/whoami\n|Make a key/).then(
          () => "up",
          () => "ended",
        ),
        program.ended.then(() => "ended"),
      ]),
    ),
  );
  expect(results.filter((result) => result === "up")).toHaveLength(1);
  expect(programs.filter((program) => program.errors().includes("is running on"))).toHaveLength(3);
  expect(readFileSync(join(data, "secret"), "utf8")).toMatch(/^\w{43}\n$/);
  expect((await command(["key", "list"], environment)).exitCode).toBe(0);
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(data, { recursive: true, force: true });
});

test("can start again after a kill, whatever was left behind", async () => {
  const own = await served();
  await own.program.stop("SIGKILL");
  const again = start("server/dist/bin.js", ["serve"], own.environment);
  await again.until(/Make a key/);
  expect((await own.latchkey("key", "list")).exitCode).toBe(0);
  expect(await again.stop()).toBe(0);
  await own.stop();
});

test("says in one sentence that a port is taken, and makes nothing", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const data = join(temporaryFolder(), "none");
  const { exitCode, stderr } = await latchkey(["serve", "--port", String(port)], { LATCHKEY_DATA: data });
  taken.close();
  expect(exitCode).toBe(2);
  expect(stderr).toBe(`latchkey: port ${port} is in use on 127.0.0.1. Choose another with --port, or 0 for any free one.\n`);
  expect(existsSync(data)).toBe(false);
});
