// @ts-check
// Things that have one place in this code base, or none. Each with its reason.
import ts from "typescript";
import { parse, place, productFiles, walk } from "../tree.mjs";

/**
 * @typedef {{ what: string, reason: string, allowed: RegExp, finds: (node: ts.Node) => boolean }} Ban
 *   `allowed`: files in which it may stand.
 */

const nowhere = /^$/;

/** @type {readonly Ban[]} */
const bans = [
  {
    what: "Math.random",
    reason: "Its output can be predicted from earlier output.",
    allowed: nowhere,
    finds: (node) => isMember(node, "Math", "random"),
  },
  {
    what: "reading the machine's clock",
    reason: "Time comes from contracts/clock, so that tests can set it.",
    // A line of the server's log tells the time of the machine.
    // And a page has the clock of the machine that shows it.
    allowed: /^library\/src\/contracts\/clock\.ts$|^server\/src\/serve\.ts$|^console\/src\/words\/telling\.ts$/,
    finds: (node) =>
      isMember(node, "Date", "now") || (ts.isNewExpression(node) && isName(node.expression, "Date") && (node.arguments?.length ?? 0) === 0),
  },
  {
    what: "randomness",
    reason: "It comes from primitives/random and primitives/id only: one place to review, and no id is taken for a secret.",
    allowed: /^library\/src\/primitives\/(?:random|id)\.ts$/,
    finds: (node) =>
      ts.isIdentifier(node) &&
      /^(?:randomBytes|randomFill|randomFillSync|randomInt|randomUUID|getRandomValues)$/.test(node.text) &&
      !isDeclaredName(node),
  },
  {
    what: "timingSafeEqual",
    reason: "Secrets are compared by primitives/compare only; used directly it throws on lengths that differ, which tells the length.",
    allowed: /^library\/src\/primitives\/compare\.ts$/,
    finds: (node) => ts.isIdentifier(node) && node.text === "timingSafeEqual",
  },
  {
    what: "a broken hash",
    reason: "MD5 and SHA-1 have collisions; nothing here may rest on them.",
    // PBKDF2 of HMAC-SHA-1 does not suffer from collisions, and imported passwords are hashed by it until their next use.
    allowed: /^library\/src\/accounts\/passwords\/formats\/pbkdf2\.ts$/,
    finds: (node) => ts.isStringLiteralLike(node) && /^(?:md5|sha-?1|rsa-(?:md5|sha1))$/i.test(node.text),
  },
  {
    what: "code from text",
    reason: "A text that is run is a text that somebody else may write.",
    allowed: nowhere,
    finds: (node) =>
      (ts.isCallExpression(node) && isName(node.expression, "eval")) || (ts.isNewExpression(node) && isName(node.expression, "Function")),
  },
  {
    what: "process.env",
    reason: "The library is configured by arguments; only the server reads the environment, in its configuration.",
    // That a test runs is what the environment says, and what no argument should be able to. How many threads libuv has, nothing else tells.
    allowed: /^(?!library\/)|^library\/src\/(?:testing\/act-as|accounts\/passwords\/thread-pool)\.ts$/,
    finds: (node) => isMember(node, "process", "env"),
  },
  {
    what: "module state",
    reason: "Two instances in one process would share it, and a test could not begin afresh.",
    // A request id is unique in the process because all share one counter. The thread that judges new passwords knows nothing
    // of who asks, and 23 MB of word lists for each instance would be the same lists; nor do those that hash, one for each core.
    allowed: /^library\/src\/(?:primitives\/id|accounts\/passwords\/(?:strength|hash-threads|thread-pool))\.ts$/,
    finds: (node) => ts.isVariableStatement(node) && ts.isSourceFile(node.parent) && (node.declarationList.flags & ts.NodeFlags.Let) !== 0,
  },
];

/** @param {import("../tree.mjs").Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkCalls(tree) {
  /** @type {string[]} */
  const problems = [];
  for (const file of productFiles(tree)) {
    const source = parse(tree, file);
    const active = bans.filter((ban) => !ban.allowed.test(file));
    walk(source, (node) => {
      for (const ban of active) if (ban.finds(node)) problems.push(`${place(source, node)}: ${ban.what}. ${ban.reason}`);
    });
  }
  return { problems, notes: [] };
}

/** `object.name`, or `object["name"]`. @param {ts.Node} node @param {string} object @param {string} name */
function isMember(node, object, name) {
  if (ts.isPropertyAccessExpression(node)) return isName(node.expression, object) && node.name.text === name;
  return (
    ts.isElementAccessExpression(node) &&
    isName(node.expression, object) &&
    ts.isStringLiteralLike(node.argumentExpression) &&
    node.argumentExpression.text === name
  );
}

/** @param {ts.Node} node @param {string} name */
function isName(node, name) {
  return ts.isIdentifier(node) && node.text === name;
}

/** The name of something made here, e.g. our own function `randomInt`. @param {ts.Identifier} node */
function isDeclaredName(node) {
  return ts.isFunctionDeclaration(node.parent) && node.parent.name === node;
}
