// @ts-check
// Size of files and functions. A warning is a question (is it one thing?); past the hard limit the answer is known.
import ts from "typescript";
import { isTest, parse, place, walk } from "../tree.mjs";

const limits = { file: { warn: 300, fail: 500 }, test: { warn: 400, fail: 800 }, function: { warn: 60, fail: 100 } };

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkSize(tree) {
  /** @type {import("../tree.mjs").Findings} */
  const findings = { problems: [], notes: [] };
  const judge = (/** @type {string} */ what, /** @type {number} */ lines, /** @type {{ warn: number, fail: number }} */ limit) => {
    if (lines > limit.fail) findings.problems.push(`${what}: ${lines} lines, at most ${limit.fail}`);
    else if (lines > limit.warn) findings.notes.push(`${what}: ${lines} lines, aim below ${limit.warn}`);
  };
  for (const [file, text] of tree.files) {
    if (!/^(?:library|server|console|tools|examples|bench)\/.*\.(?:tsx?|mjs)$/.test(file)) continue;
    const test = isTest(file);
    judge(file, text.split("\n").length - 1, test ? limits.test : limits.file);
    // A `describe` is as long as its tests; the file's limit holds those.
    if (test) continue;
    const source = parse(tree, file);
    walk(source, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
      judge(`${place(source, node)} ${nameOf(node)}`, linesOf(source, node), limits.function);
    });
  }
  return findings;
}

/**
 * Lines of a function without those of the functions in it, which are measured alone: a factory that returns an object
 * of ten methods is no longer than a class of ten.
 * @param {ts.SourceFile} source @param {ts.Node} node
 */
function linesOf(source, node) {
  let lines = heightOf(source, node);
  const subtract = (/** @type {ts.Node} */ child) => {
    if (ts.isFunctionLike(child)) lines -= heightOf(source, child) - 1;
    else ts.forEachChild(child, subtract);
  };
  ts.forEachChild(node, subtract);
  return lines;
}

/** @param {ts.SourceFile} source @param {ts.Node} node */
function heightOf(source, node) {
  const line = (/** @type {number} */ position) => source.getLineAndCharacterOfPosition(position).line;
  return line(node.end) - line(node.getStart(source)) + 1;
}

/** @param {ts.SignatureDeclaration} node */
function nameOf(node) {
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name : undefined);
  return named === undefined ? "(unnamed function)" : named.getText();
}
