// @ts-check
// Who may import whom: the five rules of ARCHITECTURE.md, each with its reason beside it.
// Tests are left out: they stand outside the house and may look into every room.
import path from "node:path";
import ts from "typescript";
import { importsOf, parse, place, productFiles } from "../tree.mjs";
import { firstCircle } from "../circle.mjs";

/** @typedef {import("../tree.mjs").Tree} Tree */
/** @typedef {import("../tree.mjs").Import & { from: string, to: string | undefined }} Edge  `to`: undefined for a package. */
/** @typedef {{ id: string, rule: string, reason: string, find: (house: House) => string[] }} Rule */
/** @typedef {{ tree: Tree, files: string[], edges: Edge[], dependencies: ReadonlySet<string> }} House */

/** The floors, from the ground. `http`, `outbound`, `outbox` and `dpop` stand half a step up: the grammar of HTTP, how to ask others, how processes share what waits to be sent, and what a proof of a key is, of use to every room. */
const floors = new Map([
  ["contracts", 0],
  ["primitives", 0],
  ["http", 0.5],
  ["outbound", 0.5],
  ["outbox", 0.5],
  ["dpop", 0.5],
  ["stores", 1],
  ["policies", 1],
  ["accounts", 1],
  ["mail", 1],
  ["refresh-tokens", 1],
  ["signing-keys", 1],
  ["status-list", 1],
  ["webhooks", 1],
  ["leaks", 1],
  ["methods", 1],
  ["guard", 1],
  ["latchkey.ts", 2],
  ["wiring", 2],
  ["rules.ts", 2],
  ["resource", 2],
  ["options.ts", 2],
  ["option-forms.ts", 2],
  ["jwt-options.ts", 2],
  ["face.ts", 2],
  ["endpoints", 2],
  ["own-endpoints", 2],
  ["pages", 2],
  ["frameworks", 2],
  ["index.ts", 2],
  ["testing", 2],
]);

/** What is started, not imported. */
const programs = new Set(["server/src/bin.ts", "console/src/main.tsx"]);

/** @type {readonly Rule[]} */
export const floorRules = [
  {
    id: "known-floor",
    rule: "Every room of the library stands on a floor.",
    reason: "A folder that no floor knows would escape the other rules.",
    find: ({ files }) =>
      files
        .filter((file) => file.startsWith("library/src/") && floorOf(file) === undefined)
        .map((file) => `${file}: on no floor; name it in tools/checks/floors.mjs`),
  },
  {
    id: "downward",
    rule: "Imports go downward only; on floor 1 never to another room.",
    reason:
      "A room that knows only what is below it can be read, tested and replaced alone; what it needs of a neighbour arrives as an argument from latchkey.ts.",
    find: ({ edges }) =>
      edges.filter(climbs).map((edge) => say(edge, `is on floor ${floorOf(edge.from)} and may not reach floor ${floorOf(edge.to ?? "")}`)),
  },
  {
    id: "through-index",
    rule: "Into another folder only through its index.ts; inside a folder, never through its own.",
    reason:
      "The index is what a room promises; past it, nothing inside can be changed. Through its own index a file depends on all its siblings, itself included.",
    find: ({ edges }) => edges.flatMap(aroundTheDoor),
  },
  {
    id: "no-circle",
    rule: "No circle of imports, type-only ones included.",
    reason: "Files in a circle can only be understood, and loaded, all at once.",
    find: ({ files, edges }) => {
      const targets = new Map(files.map((file) => [file, /** @type {string[]} */ ([])]));
      for (const edge of edges) if (edge.to !== undefined) targets.get(edge.from)?.push(edge.to);
      const circle = firstCircle(targets);
      return circle === undefined ? [] : [circle.join(" -> ")];
    },
  },
  {
    id: "methods-apart",
    rule: "No method imports another, and the guard imports no method.",
    reason: "Methods meet in a Principal and nowhere else; the guard is given a list, so that adding a method edits nothing in it.",
    find: ({ edges }) =>
      edges.flatMap((edge) => {
        const into = methodOf(edge.to);
        if (into === undefined) return [];
        if (edge.from.startsWith("library/src/guard/")) return [say(edge, "the guard imports no method")];
        const out = methodOf(edge.from);
        return out !== undefined && out !== into ? [say(edge, `${out} may not know ${into}`)] : [];
      }),
  },
  {
    id: "no-effect",
    rule: "No import has a side effect, and nothing registers itself.",
    reason: "What runs on import cannot be chosen, ordered, tested or left out, and breaks tree shaking.",
    find: ({ tree, files }) => files.filter((file) => !programs.has(file)).flatMap((file) => effectsOf(tree, file)),
  },
  {
    id: "face-without-drivers",
    rule: "`latchkey` reaches no store driver and no framework, not even for a type.",
    reason:
      "Drivers and frameworks are optional peers: an app that has only one of them must be able to import, and type-check, the face. (fetch and memory need nothing but the platform.)",
    find: driversBehindTheFace,
  },
  {
    id: "by-name",
    rule: "Workspaces know each other by package name; server and examples reach the library as its users do. The console imports none of them.",
    reason: "A package border that code walks around is none, and what we cannot do by the public face our users cannot either.",
    find: ({ edges }) => edges.filter(leavesWrongly).map((edge) => say(edge, "is not how these two know each other")),
  },
];

/** Runs every rule. @param {Tree} tree @returns {import("../tree.mjs").Findings} */
export function checkFloors(tree) {
  const house = surveyHouse(tree);
  return {
    problems: floorRules.flatMap((rule) => rule.find(house).map((problem) => `${problem}\n    ${rule.rule} ${rule.reason}`)),
    notes: [],
  };
}

/** Reads what the rules look at. @param {Tree} tree @returns {House} */
export function surveyHouse(tree) {
  const files = productFiles(tree);
  const manifest = JSON.parse(tree.files.get("library/package.json") ?? "{}");
  const faces = new Map();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    const source = target["@latchkey/source"];
    if (source !== undefined) faces.set(path.posix.join("latchkey", subpath), path.posix.join("library", source));
  }
  const edges = files.flatMap((from) =>
    importsOf(parse(tree, from)).map((found) => {
      const relative = found.specifier.startsWith(".")
        ? path.posix.join(path.posix.dirname(from), found.specifier)
        : faces.get(found.specifier);
      return { ...found, from, to: relative };
    }),
  );
  return { tree, files, edges, dependencies: new Set(Object.keys(manifest.dependencies ?? {})) };
}

/** @param {string} file */
function floorOf(file) {
  const workspace = workspaceOf(file);
  if (workspace === "server") return 3;
  if (workspace === "console") return 4;
  return floors.get(file.split("/")[2] ?? "");
}

/** @param {string} file */
function workspaceOf(file) {
  return file.split("/")[0];
}

/** Server to library by name is the one way allowed. @param {Edge} edge */
function leavesWrongly({ from, to, specifier }) {
  const here = workspaceOf(from);
  if (specifier.startsWith(".")) return to !== undefined && workspaceOf(to) !== here;
  return here !== "server" && /^(?:latchkey|@latchkey\/[a-z]+)(?:\/|$)/.test(specifier);
}

/** @param {string | undefined} file  `library/src/methods/oauth/server/x.ts` -> `oauth/server`; other methods have one level. */
function methodOf(file) {
  const parts = file?.split("/") ?? [];
  if (parts[2] !== "methods" || parts.length < 5) return undefined;
  return parts[3] === "oauth" && parts.length > 5 ? `oauth/${parts[4]}` : parts[3];
}

/** @param {Edge} edge */
function climbs({ from, to }) {
  if (to === undefined || !from.startsWith("library/")) return false;
  const here = floorOf(from);
  const there = floorOf(to);
  if (here === undefined || there === undefined) return false;
  // On the ground contracts stand on primitives; on floor 2 the face stands on latchkey.ts. The circle rule keeps both one-way.
  return there > here || (there === here && here === 1 && from.split("/")[2] !== to.split("/")[2]);
}

/** @param {Edge} edge @returns {string[]} */
function aroundTheDoor(edge) {
  if (edge.to === undefined || !edge.specifier.startsWith(".")) return [];
  const here = path.posix.dirname(edge.from);
  const there = path.posix.dirname(edge.to);
  const door = path.posix.basename(edge.to) === "index.ts";
  const inside = here === there || here.startsWith(`${there}/`);
  if (inside && door) return [say(edge, "goes through the index.ts of the folder it stands in")];
  return inside || door ? [] : [say(edge, "goes past the index.ts of another folder")];
}

/** @param {Tree} tree @param {string} file @returns {string[]} */
function effectsOf(tree, file) {
  const source = parse(tree, file);
  const problems = importsOf(source)
    .filter((found) => found.bare)
    .map((found) => `${file}:${found.line}: imports "${found.specifier}" for its effect`);
  for (const statement of source.statements) {
    if (!harmless(statement)) problems.push(`${place(source, statement)}: runs on import`);
    else if (awaitsAtTop(statement)) problems.push(`${place(source, statement)}: waits on import`);
  }
  return problems;
}

/** A declaration; its initialiser may compute a value, which changes nothing elsewhere. @param {ts.Statement} statement */
function harmless(statement) {
  return (
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    ts.isVariableStatement(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  );
}

/** @param {ts.Node} node @returns {boolean} */
function awaitsAtTop(node) {
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return false;
  return ts.isAwaitExpression(node) || ts.forEachChild(node, (child) => awaitsAtTop(child) || undefined) === true;
}

/** @param {House} house @returns {string[]} */
function driversBehindTheFace({ edges, dependencies }) {
  const problems = [];
  const seen = new Map([["library/src/index.ts", "library/src/index.ts"]]);
  for (const [file, way] of seen) {
    for (const edge of edges.filter(({ from }) => from === file)) {
      if (edge.to === undefined) {
        const name = packageOf(edge.specifier);
        if (name !== undefined && !dependencies.has(name)) problems.push(`${way} -> "${edge.specifier}": not a dependency of the library`);
      } else if (/^library\/src\/(?:frameworks\/(?!fetch\/)|stores\/(?!memory\/))/.test(edge.to)) {
        problems.push(`${way} -> ${edge.to}`);
      } else if (!seen.has(edge.to)) seen.set(edge.to, `${way} -> ${edge.to}`);
    }
  }
  return problems;
}

/** The package of a specifier; undefined for Node's own. @param {string} specifier */
function packageOf(specifier) {
  if (specifier.startsWith("node:")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** @param {Edge} edge @param {string} problem */
function say(edge, problem) {
  return `${edge.from}:${edge.line}: imports "${edge.specifier}": ${problem}`;
}
