// @ts-check
// Links and paths in the documents lead somewhere: relative links with their anchors, and `paths/in/code.ts` from the root.

const documents = /^(?:[A-Z-]+\.md|docs\/.*\.md|(?:library|server|examples|bench)\/(?:.*\/)?README\.md)$/;
const fromRoot = /^(?:library|server|console|tools|docs|examples|bench|\.ci)\/[\w./-]*$/;

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkLinks(tree) {
  /** @type {string[]} */
  const problems = [];
  for (const [file, text] of tree.files) {
    if (!documents.test(file)) continue;
    const prose = text.replace(/^```.*?^```/gms, (block) => block.replace(/[^\n]/g, ""));
    for (const [index, line] of prose.split("\n").entries()) {
      const at = `${file}:${index + 1}`;
      for (const [, target = ""] of line.matchAll(/\]\(([^)\s]+)\)/g)) {
        const problem = linkProblem(tree, file, target);
        if (problem !== undefined) problems.push(`${at}: ${problem}`);
      }
      for (const [, code = ""] of line.matchAll(/`([^`]+)`/g)) {
        const path = code.split(":")[0] ?? "";
        if (fromRoot.test(path) && !exists(tree, path)) problems.push(`${at}: \`${path}\` is not there`);
      }
    }
  }
  return { problems, notes: [] };
}

/** @param {import("../tree.mjs").Tree} tree @param {string} file @param {string} target @returns {string | undefined} */
function linkProblem(tree, file, target) {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  const linked = path === "" ? file : new URL(path, `file:///${file}`).pathname.slice(1);
  if (!exists(tree, linked)) return `(${target}) leads nowhere`;
  const text = tree.files.get(linked);
  if (anchor === undefined || text === undefined) return undefined;
  const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => slug(match[1] ?? ""));
  return anchors.includes(anchor) ? undefined : `(${target}): no heading of that name`;
}

/** A heading's anchor, as code hosts make it. @param {string} heading */
function slug(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** @param {import("../tree.mjs").Tree} tree @param {string} path */
function exists(tree, path) {
  return tree.paths.has(path.replace(/\/$/, ""));
}
