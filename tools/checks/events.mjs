// @ts-check
// The events of the audit log: what the code may record, what it does record, and docs/reference/audit-events.md in step.
import { productFiles } from "../tree.mjs";

const list = "library/src/contracts/audit-action.ts";
const table = "docs/reference/audit-events.md";

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkEvents(tree) {
  const problems = [];
  const listed = new Map(
    [...(tree.files.get(list) ?? "").matchAll(/^ {2}"([a-z-]+\.[a-z-]+)": "(.+)",$/gm)].map((found) => [found[1] ?? "", found[2] ?? ""]),
  );
  const rows = new Map(
    [...(tree.files.get(table) ?? "").matchAll(/^\| `([a-z-]+\.[a-z-]+)` \| (.+?) \|$/gm)].map((found) => [found[1] ?? "", found[2] ?? ""]),
  );
  const source = productFiles(tree)
    .filter((file) => file !== list)
    .map((file) => tree.files.get(file) ?? "")
    .join("\n");
  for (const [action, meaning] of listed) {
    if (rows.get(action) !== meaning) problems.push(`${table}: needs the row | \`${action}\` | ${meaning} |`);
    if (!source.includes(`"${action}"`)) problems.push(`${list}: nothing records ${action}; take it out`);
  }
  for (const action of rows.keys()) if (!listed.has(action)) problems.push(`${table}: ${action} is gone from ${list}`);
  return { problems, notes: [] };
}
