// @ts-check
// `npm run bench`: all parts. `npm run bench -- guard start`: some. `--write`: into docs/benchmarks.md. `--quick`: only to
// see that it runs. `--large`: a longer run of the memory part.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { build } from "../tools/build.mjs";
import { cores } from "./process/pinned.mjs";
import { gatherParts, measureRequests } from "./requests.mjs";

/** @typedef {{ rounds: number, warmUpRequests: number, sliceMs: number, quick: boolean, large: boolean }} Pace */
/** @typedef {{ name: string, title: string, about: string, onlyByName?: boolean, run: (pace: Pace) => Promise<string> }} Part */

const root = path.resolve(import.meta.dirname, "..");
const page = path.join(root, "docs/benchmarks.md");

/** Those of requests and those that measure something else, by name. @returns {Promise<Map<string, Part>>} */
async function allParts() {
  /** @type {Map<string, Part>} */
  const parts = new Map();
  for (const [name, gathered] of await gatherParts()) parts.set(name, { ...gathered.part, run: (pace) => measureRequests(gathered, pace) });
  const folder = path.join(import.meta.dirname, "parts");
  for (const file of readdirSync(folder)
    .filter((entry) => entry.endsWith(".mjs"))
    .toSorted()) {
    /** @type {{ part: Part }} */
    const { part } = await import(path.join(folder, file));
    parts.set(part.name, part);
  }
  return parts;
}

/** Where and when these figures were made. @param {string} command */
function provenance(command) {
  const cpu = cpus();
  const where = `${cpu.length} × ${cpu[0]?.model.trim() ?? "unknown processor"}, ${process.platform}`;
  const pinned = cores === undefined ? "not pinned" : `subject on core ${cores.subject}, load from core ${cores.load}`;
  const git = (/** @type {string[]} */ ...words) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--", "library", "server", "bench") === "" ? "" : " with changes";
  return `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC · ${where} · Node ${process.version} · ${pinned} · commit ${git("rev-parse", "--short", "HEAD")}${changed} · \`${command}\``;
}

/** Puts the tables between the marks of their part; a part without marks goes to the end. @param {string} name @param {string} text */
function writeToPage(name, text) {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const old = readFileSync(page, "utf8");
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  const marked = `${begin}\n${text}\n${end}`;
  writeFileSync(
    page,
    from === -1 || to === -1 ? `${old.trimEnd()}\n\n${marked}\n` : old.slice(0, from) + marked + old.slice(to + end.length),
  );
}

const words = process.argv.slice(2);
const flags = new Set(words.filter((word) => word.startsWith("--")));
// First: what is measured imports what is built.
await build();
const parts = await allParts();
const asked = words.filter((word) => !word.startsWith("--"));
const unknown = [
  ...asked.filter((name) => !parts.has(name)),
  ...[...flags].filter((flag) => !["--write", "--quick", "--large"].includes(flag)),
];
if (unknown.length > 0) {
  process.stderr.write(`Not known: ${unknown.join(", ")}. Parts: ${[...parts.keys()].join(", ")}. Flags: --write, --quick, --large.\n`);
  process.exit(2);
}

const quick = flags.has("--quick");
/** @type {Pace} */
const pace = quick
  ? { rounds: 2, warmUpRequests: 100, sliceMs: 50, quick, large: false }
  : { rounds: 25, warmUpRequests: 20_000, sliceMs: 150, quick, large: flags.has("--large") };

const command = ["npm run bench", ...(words.length === 0 ? [] : ["--", ...words])].join(" ");
const byDefault = [...parts.values()].filter((part) => part.onlyByName !== true).map((part) => part.name);
let failed = 0;
for (const name of asked.length === 0 ? byDefault : asked) {
  const part = /** @type {Part} */ (parts.get(name));
  const from = provenance(command);
  try {
    const text = [`## ${part.title}`, part.about, await part.run(pace), `<sub>${from}</sub>`].join("\n\n");
    process.stdout.write(`\n${text}\n`);
    if (flags.has("--write")) writeToPage(name, text);
  } catch (error) {
    // The others are measured all the same, and what was written of this one before stays.
    failed += 1;
    process.stderr.write(`\n${name} failed, and is left as it was: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
if (failed > 0) process.exitCode = 1;
