// @ts-check
// Which attacks of docs/reference/attacks.md have a test that says so in its name: `[attack:AK-02]`.
import { isTest } from "../tree.mjs";

const table = "docs/reference/attacks.md";

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkAttacks(tree) {
  const tagged = tagsIn(tree, /\[attack:([A-Z]{2}-\d{2})\]/g);
  const listed = new Set([...(tree.files.get(table) ?? "").matchAll(/^\| ([A-Z]{2}-\d{2}) \|/gm)].map((match) => match[1] ?? ""));
  const unknown = [...tagged].filter(([id]) => !listed.has(id)).map(([id, files]) => `${files[0]}: [attack:${id}] has no row in ${table}`);
  const open = [...listed].filter((id) => !tagged.has(id)).map((id) => `${table}: no test is named [attack:${id}]`);
  const requirements = tagsIn(tree, /\[asvs:(V\d+\.\d+\.\d+)\]/g);
  const counts = `${tagged.size} attacks and ${requirements.size} ASVS requirements are named by tests`;
  return { problems: unknown, notes: [counts, ...open] };
}

/** Files by the tag they hold. @param {import("../tree.mjs").Tree} tree @param {RegExp} tag */
function tagsIn(tree, tag) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const [file, text] of tree.files) {
    // The suites of latchkey/testing are tests too, run by each store and framework.
    if (!isTest(file) && !file.startsWith("library/src/testing/")) continue;
    for (const [, id] of text.matchAll(tag)) if (id !== undefined) found.set(id, [...(found.get(id) ?? []), file]);
  }
  return found;
}
