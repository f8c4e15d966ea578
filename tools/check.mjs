// @ts-check
// `npm run check`: everything that can be said of the code without running it. `npm run check -- floors types` runs some.
import { execFile } from "node:child_process";
import path from "node:path";
import { build } from "./build.mjs";
import { checkAttacks } from "./checks/attacks.mjs";
import { checkCalls } from "./checks/calls.mjs";
import { checkCodes } from "./checks/codes.mjs";
import { checkEvents } from "./checks/events.mjs";
import { checkFloors } from "./checks/floors.mjs";
import { checkLinks } from "./checks/links.mjs";
import { checkNames } from "./checks/names.mjs";
import { checkPackages } from "./checks/packages.mjs";
import { checkSize } from "./checks/size.mjs";
import { checkWalks } from "./checks/walks.mjs";
import { readTree, root } from "./tree.mjs";

/** @typedef {import("./tree.mjs").Findings} Findings */

const tree = readTree();

/** @type {Readonly<Record<string, () => Findings | Promise<Findings>>>} */
const checks = {
  types: async () => {
    // Two worlds: what runs in Node, and what runs in a browser.
    const results = [await program("typescript/bin/tsc", "--project", "."), await program("typescript/bin/tsc", "--project", "console")];
    return { problems: results.flatMap(({ problems }) => problems), notes: [] };
  },
  lint: () => program("oxlint/bin/oxlint", "--type-aware"),
  format: () => program("oxfmt/bin/oxfmt", "--check"),
  floors: () => checkFloors(tree),
  names: () => checkNames(tree),
  calls: () => checkCalls(tree),
  size: () => checkSize(tree),
  codes: () => checkCodes(tree),
  events: () => checkEvents(tree),
  attacks: () => checkAttacks(tree),
  links: () => checkLinks(tree),
  walks: () => checkWalks(tree),
  // In knip.json every index.ts is an entry: a room may promise what its neighbours are about to use. Dead is what stands behind no door and has no user.
  dead: () => program("knip/bin/knip.js", "--no-progress"),
  packages: () => build().then(checkPackages),
};

/** Runs an installed program; what it prints is what it found. @param {string} file @param {string[]} options @returns {Promise<Findings>} */
function program(file, ...options) {
  const whole = [path.join(root, "node_modules", file), ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, whole, { cwd: root, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ problems: error === null ? [] : [`${stdout}${stderr}`.trimEnd() || error.message], notes: [] });
    });
  });
}

/** @param {string} name @returns {Promise<boolean>} whether it found nothing */
async function runCheck(name) {
  const started = performance.now();
  /** @type {Findings} */
  let findings;
  try {
    findings = (await checks[name]?.()) ?? { problems: [`no check of this name; there are ${Object.keys(checks).join(", ")}`], notes: [] };
  } catch (error) {
    findings = { problems: [error instanceof Error ? error.message : String(error)], notes: [] };
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const lines = [...findings.notes.map((note) => `    note: ${note}`), ...findings.problems.map((problem) => `  ${problem}`)];
  process.stdout.write([`${findings.problems.length === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`, ...lines, ""].join("\n"));
  return findings.problems.length === 0;
}

const asked = process.argv.slice(2);
const waiting = asked.length === 0 ? Object.keys(checks) : asked;
/** @type {string[]} */
const failed = [];

/** Takes the next check until none is left. Two of these run: more would only wait for each other's processor. */
async function lane() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (!(await runCheck(name))) failed.push(name);
  }
}

await Promise.all([lane(), lane()]);
if (failed.length > 0) {
  process.stdout.write(`\nFailed: ${failed.join(", ")}\n`);
  process.exitCode = 1;
}
