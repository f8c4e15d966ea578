// @ts-check
// One subject in a process of its own: serves it on a free port of loopback, and tells its own processor time when asked.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";

const [file, name] = /** @type {[string, string]} */ (process.argv.slice(2));
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));

/** @param {import("../subject.ts").Serving} serving @returns {Promise<number>} the port */
async function open(serving) {
  if ("port" in serving) return serving.port;
  const server = "server" in serving ? serving.server : createServer(serving.listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}

process.on("disconnect", () => process.exit());
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

try {
  /** @type {{ subjects: readonly import("../subject.ts").Subject[] }} */
  const module = await import(file);
  const subject = module.subjects.find((candidate) => candidate.name === name);
  if (subject === undefined) throw new Error(`${file} has no subject ${name}.`);
  const serving = await subject.serve({ folder });
  const port = await open(serving);
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
  });
  process.send?.({ port, requests: serving.requests, unauthenticated: serving.unauthenticated });
} catch (error) {
  const { code, cause } = /** @type {NodeJS.ErrnoException} */ (error);
  const absent = code === "ERR_MODULE_NOT_FOUND" && /Cannot find package '([^']+)'/.exec(String(error));
  if (!absent && cause !== "missing") throw error;
  process.send?.({ missing: absent ? `${absent[1]} is not installed: npm ci --prefix bench` : /** @type {Error} */ (error).message });
}
