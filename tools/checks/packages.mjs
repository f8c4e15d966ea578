// @ts-check
// The packages as their users get them: publint, types for every way of importing (attw), and each subpath really loads.
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { formatMessage } from "publint/utils";
import { publint } from "publint";
import { root } from "../tree.mjs";

const run = promisify(execFile);

/** Needs what is built. @returns {Promise<import("../tree.mjs").Findings>} */
export async function checkPackages() {
  const results = await Promise.all([
    papers("library"),
    papers("server"),
    lint("library"),
    lint("server"),
    types("library"),
    types("server"),
    loads("library"),
    loads("server"),
  ]);
  return { problems: results.flat(), notes: [] };
}

/** What npm shows and the licence asks for: npm takes both only from the folder of the package. @param {string} workspace */
async function papers(workspace) {
  return ["README.md", "LICENSE"]
    .filter((name) => !existsSync(path.join(root, workspace, name)))
    .map((name) => `${workspace}: the package has no ${name}`);
}

/** @param {string} workspace */
async function lint(workspace) {
  const { messages, pkg } = await publint({ pkgDir: path.join(root, workspace), strict: true });
  return messages.map((message) => `${workspace}/package.json: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
}

/** @param {string} workspace */
async function types(workspace) {
  const attw = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
  const options = [attw, "--pack", path.join(root, workspace), "--profile", "esm-only", "--no-color", "--no-emoji"];
  return run(process.execPath, options, { cwd: root }).then(
    () => [],
    (error) => [`${workspace}: ${error.stdout}${error.stderr}`],
  );
}

/** Imports each subpath in a process of its own, without the condition that leads to the source. @param {string} workspace */
async function loads(workspace) {
  const manifest = JSON.parse(readFileSync(path.join(root, workspace, "package.json"), "utf8"));
  const names = Object.keys(manifest.exports).map((subpath) => path.posix.join(manifest.name, subpath));
  const program = `for (const name of ${JSON.stringify(names)}) if (Object.keys(await import(name)).length === 0) throw new Error(name + " exports nothing");`;
  return run(process.execPath, ["--input-type=module", "--eval", program], { cwd: root }).then(
    () => [],
    (error) => [`${workspace}: a subpath does not load\n${error.stderr}`],
  );
}
