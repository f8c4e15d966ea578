// @ts-check
// Names of files and folders: kebab-case, and none of the words under which anything can be put.

const empty = new Set(["utils", "util", "helpers", "helper", "shared", "common", "misc", "lib", "types", "constants", "manager"]);
const looked = /^(?:library|server|console|tools|examples|bench)\//;
const kebab = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkNames(tree) {
  const problems = [];
  const seen = new Set();
  for (const file of tree.files.keys()) {
    if (!looked.test(file) || !/\.(?:tsx?|mjs)$/.test(file)) continue;
    const parts = file.split("/");
    for (const [index, part] of parts.entries()) {
      const at = parts.slice(0, index + 1).join("/");
      if (seen.has(at)) continue;
      seen.add(at);
      // `guard.test.ts`, `tsdown.config.ts` and migrations like `0001-create.ts` are named by their first part.
      const name = part.split(".")[0] ?? "";
      const words = name.split("-");
      if (empty.has(name) || empty.has(words.at(-1) ?? ""))
        problems.push(`${at}: "${name}" says nothing of what is in it; name the thing it holds`);
      else if (!kebab.test(name)) problems.push(`${at}: not kebab-case`);
    }
  }
  return { problems, notes: [] };
}
