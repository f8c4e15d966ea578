// @ts-check
// docs/reference/codes.md says what to do about each code: of refusals (`defineRefusals`) and of faults (`FaultCode`).
// Fails when a code has no heading, its status or title differs, no test names it, or a heading's code is gone.
import ts from "typescript";
import { isTest, parse, place, productFiles, walk } from "../tree.mjs";

const reference = "docs/reference/codes.md";

/** @typedef {{ code: string, where: string, line: string | undefined }} Code  `line`: what must stand under the heading. */

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkCodes(tree) {
  /** @type {import("../tree.mjs").Findings} */
  const findings = { problems: [], notes: [] };
  const codes = codesIn(tree, findings.problems);
  const rows = rowsOf(tree.files.get(reference) ?? "");
  const tests = testText(tree);
  for (const code of codes) {
    const problem = rowProblem(code, rows.get(code.code));
    if (problem !== undefined) findings.problems.push(problem);
    if (!names(tests, code.code))
      findings.problems.push(`${code.where}: no test names ${code.code}; write one that has the code, in full, in its text`);
  }
  const known = new Set(codes.map(({ code }) => code));
  for (const code of rows.keys())
    if (!known.has(code)) findings.problems.push(`${reference}: ${code} is gone from the source; take its heading out`);
  return findings;
}

/** @param {Code} code @param {readonly string[] | undefined} row */
function rowProblem({ code, where, line }, row) {
  if (row === undefined)
    return `${where}: ${code} has no heading in ${reference}; add\n    ### ${code}${line === undefined ? "" : `\n    ${line}`}\n    and a paragraph: what happened, what to do`;
  if (line !== undefined && row[0] !== line) return `${reference}: the line under ${code} must be\n    ${line}`;
  const text = row.slice(line === undefined ? 0 : 1).join(" ");
  return text.length < 40 ? `${reference}: ${code} does not say, in 40 characters or more, what happened and what to do` : undefined;
}

/** @param {import("../tree.mjs").Tree} tree */
function testText(tree) {
  const files = [...tree.files].filter(([file]) => isTest(file) || file.startsWith("library/src/testing/"));
  return files.map(([, text]) => text).join("\n");
}

/** @param {string} text @param {string} code */
function names(text, code) {
  return new RegExp(`(?<![\\w.-])${code.replaceAll(".", "\\.")}(?![\\w-])`).test(text);
}

/** @param {string} text @returns {Map<string, string[]>} lines by heading */
function rowsOf(text) {
  const rows = new Map();
  for (const part of text.split(/^### /m).slice(1)) {
    const [heading = "", ...lines] = part.split(/^## /m)[0]?.split("\n") ?? [];
    rows.set(
      heading.trim(),
      lines.filter((line) => line.trim() !== ""),
    );
  }
  return rows;
}

/** @param {import("../tree.mjs").Tree} tree @param {string[]} problems @returns {Code[]} */
function codesIn(tree, problems) {
  /** @type {Code[]} */
  const codes = [];
  for (const file of productFiles(tree)) {
    const source = parse(tree, file);
    walk(source, (node) => {
      if (ts.isTypeAliasDeclaration(node) && node.name.text === "FaultCode") codes.push(...faultCodes(source, node));
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "defineRefusals") {
        const found = refusalCodes(source, node);
        if (found === undefined)
          problems.push(`${place(source, node)}: write the area and the kinds out here, so that they can be read from the source`);
        else codes.push(...found);
      }
    });
  }
  return codes;
}

/** @param {ts.SourceFile} source @param {ts.TypeAliasDeclaration} node @returns {Code[]} */
function faultCodes(source, node) {
  const members = ts.isUnionTypeNode(node.type) ? node.type.types : [node.type];
  return members.flatMap((member) =>
    ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal)
      ? [{ code: member.literal.text, where: place(source, member), line: undefined }]
      : [],
  );
}

/** @param {ts.SourceFile} source @param {ts.CallExpression} call @returns {Code[] | undefined} undefined: not written out */
function refusalCodes(source, call) {
  const [area, kinds] = call.arguments;
  if (area === undefined || kinds === undefined || !ts.isStringLiteralLike(area) || !ts.isObjectLiteralExpression(kinds)) return undefined;
  /** @type {Code[]} */
  const codes = [];
  for (const property of kinds.properties) {
    if (!ts.isPropertyAssignment(property)) return undefined;
    if (!ts.isIdentifier(property.name) && !ts.isStringLiteral(property.name)) return undefined;
    const facts = literalsOf(source, property.initializer);
    const [status, title, shown] = [facts.get("status"), facts.get("title"), facts.get("publicCode")];
    if (status === undefined || title === undefined) return undefined;
    const where = place(source, property);
    const seen = `**${status}**: “${title}”`;
    codes.push({
      code: `${area.text}.${property.name.text}`,
      where,
      line: shown === undefined ? seen : `**${status}**, shown to the client as \`${shown}\``,
    });
    // What the client sees needs its own heading: it is the one that is looked up.
    if (shown !== undefined && !codes.some(({ code }) => code === shown)) codes.push({ code: shown, where, line: seen });
  }
  return codes;
}

/**
 * Names and literal values of an object literal, one that a constant of this file holds included.
 * @param {ts.SourceFile} source @param {ts.Expression} expression @returns {Map<string, string>}
 */
function literalsOf(source, expression) {
  /** @type {Map<string, string>} */
  const found = new Map();
  const object = writtenOut(source, expression);
  for (const property of object?.properties ?? []) {
    if (ts.isSpreadAssignment(property)) for (const [name, value] of literalsOf(source, property.expression)) found.set(name, value);
    if (!ts.isPropertyAssignment(property)) continue;
    const value = property.initializer;
    if (ts.isStringLiteralLike(value) || ts.isNumericLiteral(value)) found.set(property.name.getText(source), value.text);
  }
  return found;
}

/** @param {ts.SourceFile} source @param {ts.Expression} expression @returns {ts.ObjectLiteralExpression | undefined} */
function writtenOut(source, expression) {
  if (ts.isObjectLiteralExpression(expression)) return expression;
  if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)) return writtenOut(source, expression.expression);
  if (!ts.isIdentifier(expression)) return undefined;
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find(({ name }) => name.getText(source) === expression.text);
    if (found?.initializer !== undefined) return writtenOut(source, found.initializer);
  }
  return undefined;
}
