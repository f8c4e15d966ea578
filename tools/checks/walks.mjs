// @ts-check
// The one-minute walks of ARCHITECTURE.md: each step names a `file.ts:symbol` that is declared there.
import ts from "typescript";
import { parse, walk } from "../tree.mjs";

const map = "ARCHITECTURE.md";
const stop = /`((?:library|server|console|tools)\/[\w./-]+\.(?:ts|tsx|mjs)):([\w$]+)`/g;

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkWalks(tree) {
  const chapter = /^## One-minute walks$(.*?)(?=^## |(?![^]))/ms.exec(tree.files.get(map) ?? "")?.[1];
  if (chapter === undefined) return { problems: [`${map}: no chapter "One-minute walks"`], notes: [] };
  const walks = chapter.split(/^### /m).slice(1);
  const problems = walks.length >= 10 ? [] : [`${map}: ${walks.length} walks instead of ten or more`];
  for (const text of walks) {
    const title = text.split("\n")[0];
    const stops = [...text.matchAll(stop)];
    if (stops.length < 2) problems.push(`${map}: "${title}" names fewer than two stops`);
    for (const [, file = "", symbol = ""] of stops) {
      if (!tree.files.has(file)) problems.push(`${map}: "${title}": ${file} is not there`);
      else if (!declares(tree, file, symbol)) problems.push(`${map}: "${title}": ${file} declares no ${symbol}`);
    }
  }
  return { problems, notes: [] };
}

/** @param {import("../tree.mjs").Tree} tree @param {string} file @param {string} symbol */
function declares(tree, file, symbol) {
  let found = false;
  walk(parse(tree, file), (node) => {
    const name =
      ts.isFunctionLike(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isClassLike(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isPropertyAssignment(node)
        ? node.name
        : undefined;
    found ||= name !== undefined && name.getText() === symbol;
  });
  return found;
}
