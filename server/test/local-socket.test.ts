import { createServer } from "node:net";
import { join } from "node:path";
import { rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isServed, sendCommand } from "../src/local-socket.ts";
import { temporaryFolder } from "./program.ts";

test("a command whose server goes away before it answers says that it may be done", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "latchkey.sock");
  const server = createServer((socket) => socket.once("data", () => socket.destroy())).listen(path);
  await expect(sendCommand(path, { name: "key list", input: {}, positionals: [] })).rejects.toThrow(
    /the server stopped before it answered .* may be done or not/,
  );
  server.close();
  rmSync(folder, { recursive: true });
});

test("a file in the place of the socket is no server", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "latchkey.sock"), "");
  expect(await isServed(join(folder, "latchkey.sock"))).toBe(false);
  rmSync(folder, { recursive: true });
});
