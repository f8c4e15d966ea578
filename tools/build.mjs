// @ts-check
// Builds the library, the server and the console when what they are made of has changed since; says nothing when it has not.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const lock = path.join(root, "node_modules/.latchkey-build");

/** @typedef {{ name: string, made: string, from: string[], command: string[] }} Target  `made`: a file of the result; `from`: what it is made of. */

/** @type {readonly Target[]} */
const targets = [
  {
    name: "library",
    made: "library/dist/index.js",
    from: ["library/src", "library/package.json", "library/tsdown.config.ts", "tsconfig.json", "package-lock.json"],
    command: ["node_modules/tsdown/dist/run.mjs", "--log-level", "warn"],
  },
  {
    name: "server",
    made: "server/dist/bin.js",
    from: ["server/src", "server/package.json", "server/rolldown.config.mjs", "library/src", "library/package.json", "package-lock.json"],
    command: ["node_modules/rolldown/bin/cli.mjs", "--config", "rolldown.config.mjs", "--log-level", "warn"],
  },
  {
    name: "console",
    made: "console/dist/index.html",
    from: ["console/src", "console/index.html", "console/vite.config.ts", "console/package.json", "package-lock.json"],
    command: ["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"],
  },
];

/** Where the console is served from, and published. */
const placed = path.join(root, "server/dist/console");

/** Builds what is stale, of these or of all. Several processes may ask at once: one builds, the others wait for it. @param {readonly string[]} [names] */
export async function build(names = targets.map(({ name }) => name)) {
  const wanted = targets.filter(({ name }) => names.includes(name));
  if (wanted.every(isFresh) && isPlaced()) return;
  await takeLock();
  try {
    // Both at once: neither needs the other's result.
    const results = await Promise.allSettled(wanted.filter((target) => !isFresh(target)).map(buildTarget));
    for (const result of results) if (result.status === "rejected") throw result.reason;
    if (!isPlaced()) placeConsole();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** @param {Target} target */
async function buildTarget(target) {
  const fingerprint = fingerprintOf(target);
  const started = Date.now();
  process.stderr.write(`Building ${target.name} …\n`);
  const [program = "", ...rest] = target.command;
  const child = spawn(process.execPath, [path.join(root, program), ...rest], {
    cwd: path.join(root, target.name),
    // Whoever asks, tests included: React is another one otherwise, three times as large.
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${target.name} does not build:\n${output}`);
  writeFileSync(stampOf(target), fingerprint);
  process.stderr.write(`Built ${target.name} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Building the server empties its folder, so the console is put there after both. A server may be built without one. */
function placeConsole() {
  rmSync(placed, { recursive: true, force: true });
  cpSync(path.join(root, "console/dist"), placed, { recursive: true });
}

function isPlaced() {
  const built = path.join(root, "console/dist/.fingerprint");
  if (!existsSync(built) || !existsSync(path.join(root, "server/dist/bin.js"))) return true;
  const there = path.join(placed, ".fingerprint");
  return existsSync(there) && readFileSync(there, "utf8") === readFileSync(built, "utf8");
}

/** @param {Target} target */
function isFresh(target) {
  if (!existsSync(path.join(root, target.made)) || !existsSync(stampOf(target))) return false;
  return readFileSync(stampOf(target), "utf8") === fingerprintOf(target);
}

/** Inside the result, so that deleting the one forgets the other. @param {Target} target */
function stampOf(target) {
  return path.join(root, target.name, "dist/.fingerprint");
}

/** The contents of everything the target is made of. Times would lie after a checkout or a copy. @param {Target} target */
function fingerprintOf(target) {
  const digest = createHash("sha256");
  for (const name of target.from) {
    for (const file of filesUnder(path.join(root, name))) digest.update(file).update("\0").update(readFileSync(file)).update("\0");
  }
  return digest.digest("hex");
}

/** @param {string} start @returns {string[]} */
function filesUnder(start) {
  if (!start.endsWith("/src")) return [start];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}

/** A folder is made by one process only. One whose maker is gone is nobody's. */
async function takeLock() {
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(path.join(lock, "pid"), String(process.pid));
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    await pause(100);
    if (!holderLives()) rmSync(lock, { recursive: true, force: true });
  }
}

function holderLives() {
  try {
    process.kill(Number(readFileSync(path.join(lock, "pid"), "utf8")), 0);
    return true;
  } catch (error) {
    // Not written yet: its maker is between two lines. Not ours to signal: it lives.
    return ["ENOENT", "EPERM"].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? "") && existsSync(lock);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2);
  await build(names.length === 0 ? undefined : names).catch((error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
