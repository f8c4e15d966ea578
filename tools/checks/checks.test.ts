import { describe, expect, it } from "vitest";
import { madeUpTree } from "../tree.mjs";
import { checkAttacks } from "./attacks.mjs";
import { checkCalls } from "./calls.mjs";
import { checkCodes } from "./codes.mjs";
import { checkEvents } from "./events.mjs";
import { checkLinks } from "./links.mjs";
import { checkNames } from "./names.mjs";
import { checkSize } from "./size.mjs";
import { checkWalks } from "./walks.mjs";

const file = "library/src/guard/a.ts";

describe("codes", () => {
  const source = 'export const r = defineRefusals("key", { bad: { status: 401, title: "It is bad." } });';
  const row = "### key.bad\n**401**: “It is bad.”\n\nWhat happened stands here, and what to do about it.\n";
  const naming = "it('is told key.bad, key.gone, key.invalid and LATCHKEY_X', () => {});";
  const problems = (text: string, doc: string, test = naming) =>
    checkCodes(madeUpTree({ [file]: text, "library/src/guard/a.test.ts": test, "docs/reference/codes.md": doc })).problems;

  it("is content with a row that agrees", () => expect(problems(source, row)).toEqual([]));
  it.each([
    ["a code without a row", source, ""],
    ["a row whose code is gone", "", row],
    ["a row with another status", source, row.replace("401", "403")],
    ["a row with another title", source, row.replace("bad.”", "worse.”")],
    ["a row that says nothing", source, row.replace(/What.*/, "Bad.")],
    ["a fault without a row", 'export type FaultCode = "LATCHKEY_X";', ""],
    ["kinds that cannot be read from the source", 'defineRefusals("key", kindsFrom(table));', ""],
  ])("finds %s", (_, text, doc) => expect(problems(text, doc)).toHaveLength(1));

  it("asks for a row of what the client sees, and reads constants and spreads", () => {
    const text = 'const k = { status: 401, title: "No." } as const;\ndefineRefusals("key", { gone: { ...k, publicCode: "key.invalid" } });';
    expect(problems(text, "").map((problem) => problem.split(" ")[1])).toEqual(["key.gone", "key.invalid"]);
  });
  it("finds a code that no test names, in full", () => {
    expect(problems(source, row, '"key.badly", "my-key.bad"')).toHaveLength(1);
    expect(problems(source, row, '"key.bad"')).toEqual([]);
  });
  it("says what to write", () => {
    expect(problems(source, "")[0]).toContain("### key.bad\n    **401**: “It is bad.”");
    expect(problems(source, row, "")[0]).toContain("no test names key.bad");
  });
});

describe("events", () => {
  const list = '  "key.made": "A key was made.",\n';
  const row = "| `key.made` | A key was made. |\n";
  const problems = (actions: string, source: string, doc: string) =>
    checkEvents(madeUpTree({ "library/src/contracts/audit-action.ts": actions, [file]: source, "docs/reference/audit-events.md": doc }))
      .problems;

  it("is content with a row that agrees and code that records it", () => expect(problems(list, 'told("key.made")', row)).toEqual([]));
  it.each([
    ["an event without a row", list, 'told("key.made")', ""],
    ["a row that says something else", list, 'told("key.made")', row.replace("made.", "lost.")],
    ["a row whose event is gone", "", 'told("key.made")', row],
    ["an event that nothing records", list, 'told("key.lost")', row],
  ])("finds %s", (_, actions, source, doc) => expect(problems(actions, source, doc)).toHaveLength(1));
});

describe("calls", () => {
  const problems = (text: string, at = file) => checkCalls(madeUpTree({ [at]: text })).problems;

  it.each([
    "Math.random();",
    'Math["random"]();',
    "const f = () => Date.now();",
    "const f = () => new Date();",
    "crypto.randomUUID();",
    'createHash("md5");',
    'createHmac("SHA1", key);',
    'eval("1");',
    'new Function("1");',
    "const f = () => process.env.X;",
    "let count = 0;",
    "const f = (a, b) => timingSafeEqual(a, b);",
  ])("finds %j", (text) => expect(problems(text)).toHaveLength(1));

  it.each([
    "const d = (at) => new Date(at);",
    "const f = () => { let n = 0; return n; };",
    'createHash("sha256");',
    "export function randomInt() {}",
  ])("leaves %j", (text) => expect(problems(text)).toEqual([]));
  it("knows the places where each belongs", () => {
    expect(problems("const f = () => process.env.X;", "library/src/testing/gate.ts")).toHaveLength(1);
    expect(problems("const c = { now: () => Date.now() };", "library/src/contracts/clock.ts")).toEqual([]);
    expect(problems("const f = () => randomBytes(1);", "library/src/primitives/random.ts")).toEqual([]);
    expect(problems("const f = () => process.env.X;", "server/src/configuration.ts")).toEqual([]);
  });
});

describe("names", () => {
  const problems = (name: string) => checkNames(madeUpTree({ [name]: "" })).problems;

  it.each(["library/src/utils/a.ts", "library/src/guard/types.ts", "server/src/key-helpers.ts", "library/src/Guard.ts", "tools/lib/a.mjs"])(
    "finds %s",
    (name) => expect(problems(name)).toHaveLength(1),
  );
  it.each(["library/src/guard/single-flight.ts", "library/src/guard/read.test.ts", "library/src/stores/sql/0001-create.ts"])(
    "leaves %s",
    (name) => expect(problems(name)).toEqual([]),
  );
});

describe("size", () => {
  const lines = (count: number, text = "f();") => `${text}\n`.repeat(count);

  it("warns first and fails later, for files and functions", () => {
    const found = (text: string) => checkSize(madeUpTree({ [file]: text }));
    expect(found(lines(300))).toEqual({ problems: [], notes: [] });
    expect(found(lines(301)).notes).toHaveLength(1);
    expect(found(lines(501)).problems).toHaveLength(1);
    expect(found(`function f() {\n${lines(60)}}\n`).notes).toHaveLength(1);
    expect(found(`function f() {\n${lines(100)}}\n`).problems).toHaveLength(1);
  });
  it("measures what a factory does itself, and its functions alone", () => {
    const inner = `  function g() {\n${lines(50)}  }\n`;
    expect(checkSize(madeUpTree({ [file]: `function f() {\n${inner}${inner}${inner}}\n` }))).toEqual({ problems: [], notes: [] });
  });
});

describe("links", () => {
  const problems = (text: string) =>
    checkLinks(madeUpTree({ "README.md": text, "docs/a.md": "# One two\n", "library/src/a.ts": "" })).problems;

  it.each(["[a](docs/b.md)", "[a](docs/a.md#three)", "[a](#nowhere)", "`library/src/b.ts`", "`library/src/b.ts:f`"])("finds %s", (text) =>
    expect(problems(text)).toHaveLength(1),
  );
  it.each([
    "[a](docs/a.md#one-two)",
    "[a](https://example.com/x)",
    "`library/src/a.ts`",
    "`library/src`",
    "```sh\ncat `library/none`\n```",
  ])("leaves %j", (text) => expect(problems(text)).toEqual([]));
});

describe("walks", () => {
  const walkTo = (stop: string) => `### 1. A walk\n\`${file}:f\` then \`${stop}\`.\n\n`;
  const problems = (walks: string) =>
    checkWalks(madeUpTree({ [file]: "export function f() {}\nconst g = 1;", "ARCHITECTURE.md": `## One-minute walks\n\n${walks}` }))
      .problems;

  it("is content with ten", () => expect(problems(walkTo(`${file}:g`).repeat(10))).toEqual([]));
  it("finds nine", () => expect(problems(walkTo(`${file}:g`).repeat(9))).toHaveLength(1));
  it.each([`${file}:h`, "library/src/guard/b.ts:g"])("finds a stop at %s", (stop) =>
    expect(problems(walkTo(stop).repeat(10))).toHaveLength(10),
  );
  it("finds the chapter missing", () => expect(checkWalks(madeUpTree({ "ARCHITECTURE.md": "" })).problems).toHaveLength(1));
});

describe("attacks", () => {
  const tag = (id: string) => `it("survives [attack:${id}]", () => {});`;
  const found = (id: string) =>
    checkAttacks(madeUpTree({ "library/src/guard/a.test.ts": tag(id), "docs/reference/attacks.md": "| AK-01 | api-key | x | y |\n" }));

  it("finds a tag that no row explains", () => expect(found("AK-99").problems).toHaveLength(1));
  it("tells which attacks no test names", () => {
    expect(found("AK-99").notes.at(-1)).toContain("AK-01");
    expect(found("AK-01").notes).toHaveLength(1);
  });
});
