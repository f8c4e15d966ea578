// @ts-check
// The files of the repository as text, and what the checks ask of them: syntax trees, imports, positions.
// A tree can also be made from a plain object, so that each check is tested on made-up files.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";

export const root = path.resolve(import.meta.dirname, "..");

const skippedFolders = new Set(["node_modules", "dist", "coverage", ".git", ".latchkey", "test-results", "cache"]);
const textFile = /\.(?:ts|tsx|mts|mjs|js|json|md|yml|yaml|sql)$|^LICENSE$|(?:^|\/)\.ci\/run$/;

/**
 * @typedef {{ readonly files: ReadonlyMap<string, string>, readonly paths: ReadonlySet<string> }} Tree
 *   `files`: text by path from the root, with forward slashes. `paths`: those, all other files, and all folders.
 * @typedef {{ specifier: string, line: number, typeOnly: boolean, dynamic: boolean, bare: boolean }} Import
 *   `bare`: nothing is taken from the module, it is loaded for its effect.
 * @typedef {{ problems: string[], notes: string[] }} Findings  Problems fail the check; notes are printed.
 */

/** Reads the repository. @returns {Tree} */
export function readTree(from = root) {
  /** @type {Map<string, string>} */
  const files = new Map();
  /** @type {Set<string>} */
  const paths = new Set();
  const visit = (/** @type {string} */ folder) => {
    for (const entry of readdirSync(path.join(from, folder), { withFileTypes: true })) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && skippedFolders.has(entry.name)) continue;
      paths.add(name);
      if (entry.isDirectory()) visit(name);
      else if (textFile.test(name)) files.set(name, readFileSync(path.join(from, name), "utf8"));
    }
  };
  visit("");
  return { files, paths };
}

/** A tree of made-up files. @param {Record<string, string>} files @returns {Tree} */
export function madeUpTree(files) {
  const paths = new Set(Object.keys(files));
  for (const name of Object.keys(files)) {
    for (let folder = path.posix.dirname(name); folder !== "."; folder = path.posix.dirname(folder)) paths.add(folder);
  }
  return { files: new Map(Object.entries(files)), paths };
}

/** Whether a file is there for tests only: a test, a suite that tests run, or what they stand on. @param {string} file */
export function isTest(file) {
  return /\.test\.tsx?$/.test(file) || /^(?:library|server)\/test\//.test(file);
}

/** Source files of the product, tests left out. @param {Tree} tree */
export function productFiles(tree) {
  return [...tree.files.keys()].filter((file) => /^(?:library|server|console)\/src\/.*\.tsx?$/.test(file) && !isTest(file)).toSorted();
}

/** @type {WeakMap<Tree, Map<string, ts.SourceFile>>} */
const parsedByTree = new WeakMap();

/** The syntax tree of a file. @param {Tree} tree @param {string} file @returns {ts.SourceFile} */
export function parse(tree, file) {
  const parsed = parsedByTree.get(tree) ?? new Map();
  parsedByTree.set(tree, parsed);
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const text = tree.files.get(file);
  if (text === undefined) throw new Error(`${file} is not in the tree.`);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  parsed.set(file, source);
  return source;
}

/** `file:line` of a node, for messages. @param {ts.SourceFile} source @param {ts.Node} node */
export function place(source, node) {
  return `${source.fileName}:${lineOf(source, node)}`;
}

/** @param {ts.SourceFile} source @param {ts.Node} node */
function lineOf(source, node) {
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** Calls `look` with every node below and including this one. @param {ts.Node} node @param {(node: ts.Node) => void} look */
export function walk(node, look) {
  look(node);
  ts.forEachChild(node, (child) => walk(child, look));
}

/** Everything a file imports or re-exports, `import()` and `import("…").Type` included. @param {ts.SourceFile} source @returns {Import[]} */
export function importsOf(source) {
  /** @type {Import[]} */
  const found = [];
  const add = (/** @type {ts.Node} */ node, /** @type {ts.Node | undefined} */ literal, /** @type {Partial<Import>} */ kind) => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return;
    found.push({ specifier: literal.text, line: lineOf(source, node), typeOnly: false, dynamic: false, bare: false, ...kind });
  };
  walk(source, (node) => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, importKind(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, { typeOnly: exportsTypesOnly(node) });
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, { typeOnly: true });
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], { dynamic: true });
  });
  return found;
}

/** @param {ts.ImportClause | undefined} clause @returns {Partial<Import>} */
function importKind(clause) {
  if (clause === undefined) return { bare: true };
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return { typeOnly: true };
  const named = clause.namedBindings;
  const allTypes = clause.name === undefined && named !== undefined && ts.isNamedImports(named) && named.elements.length > 0;
  return { typeOnly: allTypes && named.elements.every((element) => element.isTypeOnly) };
}

/** @param {ts.ExportDeclaration} node */
function exportsTypesOnly(node) {
  if (node.isTypeOnly) return true;
  const clause = node.exportClause;
  return (
    clause !== undefined &&
    ts.isNamedExports(clause) &&
    clause.elements.length > 0 &&
    clause.elements.every((element) => element.isTypeOnly)
  );
}
