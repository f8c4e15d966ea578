import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, expect, test, vi } from "vitest";
import { build, root } from "./program.ts";

vi.setConfig({ hookTimeout: 240_000 });

beforeAll(() => build("library", "console"));

/** An app that has both packages as they are published, without the source. */
const app = `
import { createServer } from "node:http";
import { createLatchkey } from "latchkey";
import { mount } from "latchkey/node";
import { sqlite } from "latchkey/sqlite";
import { admin } from "@latchkey/server/admin";
const auth = await createLatchkey({ issuer: "http://localhost:3000", store: sqlite(":memory:"), secret: "a test secret of at least 32 bytes" });
const { key } = await auth.apiKeys.issue({ name: "operator", scopes: ["admin:*"] });
const listener = mount(admin(auth));
const server = createServer((request, response) => listener(request, response)).listen(0);
const ask = async (path, init) => (await fetch("http://localhost:" + server.address().port + path, { headers: { "x-api-key": key, "content-type": "application/json" }, ...init }));
const answers = [
  (await ask("/admin/api/overview")).status,
  (await ask("/admin/api/api-keys", { method: "POST", body: JSON.stringify({ name: "x", rateLimit: "fast" }) })).status,
  (await (await ask("/admin")).text()).includes("Latchkey console"),
  (await ask("/whoami")).status,
];
console.log(JSON.stringify(answers));
server.close();
server.closeAllConnections();
await auth.close();
`;

test("an app mounts the admin API and the console of the package beside its own Latchkey", () => {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", app], {
    cwd: `${root}server`,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  // What the library refuses is told as a 400, so it is the app's own library that the package uses.
  expect(JSON.parse(stdout)).toEqual([200, 400, true, 404]);
});

test("the server reads nothing of it before somebody asks for /admin", () => {
  const dist = `${root}server/dist/`;
  const files = readdirSync(dist).filter((name) => name.endsWith(".js") && name !== "admin.js");
  const holding = files.filter((name) => readFileSync(dist + name, "utf8").includes('"/admin/api"'));
  expect(holding).toHaveLength(1);
  const loading = files.filter((name) => name !== holding[0] && readFileSync(dist + name, "utf8").includes(holding[0]!));
  expect(loading).not.toEqual([]);
  for (const name of loading) {
    const text = readFileSync(dist + name, "utf8");
    expect(text).toContain(`import("./${holding[0]}")`);
    expect(text).not.toMatch(new RegExp(`from\\s*"\\./${holding[0]}"`));
  }
});
