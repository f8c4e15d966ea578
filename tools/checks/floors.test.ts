import { describe, expect, it } from "vitest";
import { floorRules, surveyHouse } from "./floors.mjs";
import { madeUpTree, readTree } from "../tree.mjs";

const manifest = JSON.stringify({
  dependencies: { kysely: "1.0.0" },
  exports: {
    ".": { "@latchkey/source": "./src/index.ts" },
    "./express": { "@latchkey/source": "./src/frameworks/express/index.ts" },
  },
});

/** What a rule finds in a house of these files. */
function findings(id: string, files: Record<string, string>): string[] {
  const rule = floorRules.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  return rule.find(surveyHouse(madeUpTree({ "library/package.json": manifest, ...files })));
}

describe("the house as it stands", () => {
  const house = surveyHouse(readTree());

  it("is not empty", () => {
    expect(house.files.length).toBeGreaterThan(40);
    expect(house.edges.length).toBeGreaterThan(100);
  });

  it.each(floorRules.map((rule) => [rule.rule, rule] as const))("%s", (_, rule) => {
    expect(rule.find(house)).toEqual([]);
  });
});

describe("known-floor", () => {
  it("finds a folder on no floor", () => {
    expect(findings("known-floor", { "library/src/cellar/index.ts": "" })).toHaveLength(1);
  });
  it("finds nothing in known rooms", () => {
    expect(findings("known-floor", { "library/src/guard/index.ts": "", "library/src/latchkey.ts": "", "server/src/bin.ts": "" })).toEqual(
      [],
    );
  });
});

describe("downward", () => {
  it.each([
    ["contracts", "guard"],
    ["primitives", "latchkey.ts"],
    ["http", "methods/basic"],
    ["stores/sqlite", "accounts"],
    ["policies/audit", "stores/sqlite"],
    ["guard", "policies/audit"],
    ["accounts", "frameworks/node"],
  ])("finds %s reaching %s", (from, to) => {
    const target = to.endsWith(".ts") ? to : `${to}/index.ts`;
    const up = "../".repeat(from.split("/").length);
    const files = { [`library/src/${from}/a.ts`]: `import { b } from "${up}${target}";`, [`library/src/${target}`]: "export const b = 1;" };
    expect(findings("downward", files)).toHaveLength(1);
  });

  it.each(["import type { B } from", "import { type B } from", "export type { B } from", "export * from"])(
    "finds `%s` climbing",
    (form) => {
      expect(findings("downward", { "library/src/guard/a.ts": `${form} "../latchkey.ts";` })).toHaveLength(1);
    },
  );

  it("finds import() and import types climbing", () => {
    const text = 'export const load = () => import("../latchkey.ts");\nexport type B = import("../latchkey.ts").B;';
    expect(findings("downward", { "library/src/guard/a.ts": text })).toHaveLength(2);
  });

  it("lets every room reach the ground and http, and a room its own parts", () => {
    const files = {
      "library/src/contracts/a.ts": 'import { Secret } from "../primitives/index.ts";',
      "library/src/methods/api-key/endpoints.ts": 'import { jsonAnswer } from "../../http/index.ts";\nimport { table } from "./table.ts";',
      "library/src/stores/sqlite/a.ts": 'import { migrate } from "../sql/index.ts";',
      "library/src/latchkey.ts": 'import { guard } from "./guard/index.ts";',
    };
    expect(findings("downward", files)).toEqual([]);
  });

  it("leaves tests alone", () => {
    expect(findings("downward", { "library/src/guard/a.test.ts": 'import { sqlite } from "../stores/sqlite/index.ts";' })).toEqual([]);
  });
});

describe("through-index", () => {
  it("finds a file of another folder reached past its index", () => {
    expect(findings("through-index", { "library/src/guard/a.ts": 'import { b } from "../contracts/b.ts";' })).toHaveLength(1);
  });
  it("finds a subfolder reached past its index", () => {
    expect(findings("through-index", { "library/src/latchkey.ts": 'import { b } from "./guard/b.ts";' })).toHaveLength(1);
  });
  it("finds the own index, and that of a folder around it", () => {
    const files = {
      "library/src/guard/a.ts": 'import { b } from "./index.ts";',
      "library/src/stores/sqlite/a.ts": 'import type { B } from "../index.ts";',
    };
    expect(findings("through-index", files)).toHaveLength(2);
  });
  it("lets an index reach its siblings, and a part the file beside its folder", () => {
    const files = {
      "library/src/guard/index.ts": 'export { b } from "./b.ts";',
      "library/src/frameworks/express/a.ts": 'import type { Latchkey } from "../../latchkey.ts";\nimport { c } from "../node/index.ts";',
    };
    expect(findings("through-index", files)).toEqual([]);
  });
});

describe("no-circle", () => {
  it("finds a circle of type-only imports through an index", () => {
    const files = {
      "library/src/guard/index.ts": 'export { a } from "./a.ts";',
      "library/src/guard/a.ts": 'import type { B } from "../http/index.ts";',
      "library/src/http/index.ts": 'export type { B } from "./b.ts";',
      "library/src/http/b.ts": 'import type { A } from "../guard/index.ts";',
    };
    expect(findings("no-circle", files)[0]?.split(" -> ")).toHaveLength(5);
  });
  it("finds a file that imports itself", () => {
    expect(findings("no-circle", { "library/src/guard/a.ts": 'import { a } from "./a.ts";' })).toHaveLength(1);
  });
  it("takes two ways to one file for no circle", () => {
    const files = {
      "library/src/guard/a.ts": 'import "./b.ts"; import "./c.ts";',
      "library/src/guard/b.ts": 'import "./d.ts";',
      "library/src/guard/c.ts": 'import "./d.ts";',
      "library/src/guard/d.ts": "",
    };
    expect(findings("no-circle", files)).toEqual([]);
  });
});

describe("methods-apart", () => {
  it("finds a method that knows another", () => {
    expect(findings("methods-apart", { "library/src/methods/basic/a.ts": 'import { x } from "../api-key/index.ts";' })).toHaveLength(1);
  });
  it("finds the parts of OAuth knowing each other", () => {
    expect(findings("methods-apart", { "library/src/methods/oauth/client/a.ts": 'import { x } from "../server/index.ts";' })).toHaveLength(
      1,
    );
  });
  it("finds the guard knowing a method", () => {
    expect(findings("methods-apart", { "library/src/guard/a.ts": 'import type { X } from "../methods/api-key/index.ts";' })).toHaveLength(
      1,
    );
  });
  it("lets latchkey.ts know them all", () => {
    expect(findings("methods-apart", { "library/src/latchkey.ts": 'import { apiKey } from "./methods/api-key/index.ts";' })).toEqual([]);
  });
});

describe("no-effect", () => {
  it.each([
    'import { register } from "./b.ts";\nregister("x");',
    'import "./b.ts";',
    "globalThis.x = 1;",
    "if (true) {}",
    "for (;;) {}",
    "try {} catch {}",
    "await import('./b.ts');",
    "export const a = await fetch('x');",
  ])("finds %j", (text) => {
    expect(findings("no-effect", { "library/src/guard/a.ts": text })).toHaveLength(1);
  });
  it("takes a declaration that computes a value for none", () => {
    const text =
      'import { defineRefusals } from "./b.ts";\nexport const refusals = defineRefusals("a", {});\nexport const f = async () => { await refusals; };';
    expect(findings("no-effect", { "library/src/guard/a.ts": text })).toEqual([]);
  });
  it("lets the command run", () => {
    expect(findings("no-effect", { "server/src/bin.ts": "run();" })).toEqual([]);
  });
});

describe("face-without-drivers", () => {
  const face = { "library/src/index.ts": 'export { createLatchkey } from "./latchkey.ts";' };

  it.each(["./stores/sqlite/index.ts", "./frameworks/express/index.ts"])("finds %s behind the face", (target) => {
    const files = { ...face, "library/src/latchkey.ts": `import { x } from "${target}";`, [`library/src/${target.slice(2)}`]: "" };
    expect(findings("face-without-drivers", files)).toHaveLength(1);
  });
  it.each(['import type { Pool } from "pg";', 'export const load = () => import("libsql");'])("finds %j behind the face", (text) => {
    expect(findings("face-without-drivers", { ...face, "library/src/latchkey.ts": text })).toHaveLength(1);
  });
  it("lets the face have its dependencies, Node and the memory store", () => {
    const text = 'import type { Kysely } from "kysely";\nimport "node:fs";\nimport { memory } from "./stores/memory/index.ts";';
    expect(
      findings("face-without-drivers", { ...face, "library/src/latchkey.ts": text, "library/src/stores/memory/index.ts": "" }),
    ).toEqual([]);
  });
});

describe("by-name", () => {
  it("lets the console import neither the library nor the server, by whatever way", () => {
    for (const specifier of ["latchkey", "latchkey/node", "@latchkey/server", "../../server/src/cli.ts", "../../library/src/index.ts"])
      expect(findings("by-name", { "console/src/main.tsx": `import { x } from ${JSON.stringify(specifier)};` })).toHaveLength(1);
    expect(findings("by-name", { "console/src/main.tsx": 'import { x } from "./api/index.ts"; import { y } from "react";' })).toEqual([]);
  });
  it("finds the server reaching into the library by path", () => {
    expect(findings("by-name", { "server/src/a.ts": 'import { x } from "../../library/src/guard/index.ts";' })).toHaveLength(1);
  });
  it("finds the library importing itself or the server by name", () => {
    const files = {
      "library/src/guard/a.ts": 'import { x } from "latchkey/express";',
      "library/src/guard/b.ts": 'import { y } from "@latchkey/server";',
    };
    expect(findings("by-name", files)).toHaveLength(2);
  });
  it("finds the console importing the library", () => {
    expect(findings("by-name", { "console/src/a.ts": 'import type { Principal } from "latchkey";' })).toHaveLength(1);
  });
  it("lets the server reach the library by name", () => {
    expect(findings("by-name", { "server/src/a.ts": 'import { createLatchkey } from "latchkey";' })).toEqual([]);
  });
});
