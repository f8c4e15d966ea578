import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

// What a reader copies from the pages must be what the types say. Snippets are fragments, so each stands in a world that has
// what its page takes for granted; a name that is neither there nor made in the snippet is a mistake.
const root = fileURLToPath(new URL("../..", import.meta.url));

const world = `
import type * as latchkey from "latchkey";
declare global {
  const auth: latchkey.Latchkey;
  const createLatchkey: typeof latchkey.createLatchkey;
  const createResource: typeof import("latchkey/resource").createResource;
  const guard: typeof import("latchkey/express").guard;
  const mount: typeof import("latchkey/express").mount;
  const sessionData: typeof import("latchkey/express").sessionData;
  const mtls: typeof import("latchkey/mtls").mtls;
  const oauth2: typeof import("latchkey/providers").oauth2;
  const sqlite: typeof import("latchkey/sqlite").sqlite;
  const required: Pick<latchkey.LatchkeyOptions, "issuer" | "store" | "secret">;
  const store: latchkey.Store;
  const issuer: string, secret: string, password: string, id: string, thumbprint: string;
  const user: latchkey.User, ada: latchkey.User;
  const express: typeof import("express");
  const app: import("express").Express;
  const readFileSync: typeof import("node:fs").readFileSync;
  const client: typeof import("openid-client");
  ${
    // What belongs to the reader's app, whatever it is.
    "handler handle createOrder listOrders idOf posts people order ca cert key clients publicPem privatePem clientId clientSecret request log since stream requestId address userAgent admin by"
      .split(" ")
      .map((name) => `const ${name}: any;`)
      .join("\n  ")
  }
}`;

/** The TypeScript and JavaScript of the pages, by a name that tells its place. Those of testing.md are files that run: guides.test.ts. */
function snippets(): ReadonlyMap<string, string> {
  const inFolder = (folder: string) => readdirSync(`${root}/${folder}`).map((name) => `${folder}/${name}`);
  const pages = ["README.md", "examples/README.md", "library/README.md", ...["docs", "docs/guides", "docs/reference"].flatMap(inFolder)];
  const found = new Map<string, string>();
  for (const page of pages.filter((name) => name.endsWith(".md") && !name.endsWith("/testing.md"))) {
    const text = readFileSync(`${root}/${page}`, "utf8");
    for (const { 1: language, 2: code, index } of text.matchAll(/^```(ts|js)\n(.*?)^```/gms)) {
      const line = text.slice(0, index).split("\n").length;
      found.set(`${page.replaceAll("/", "-")}-${line}.${language}.mts`, completed(code!));
    }
  }
  return found;
}

/** The snippet as a module: dots that stand for what one has already are filled in, and an option alone is put into its call. */
function completed(code: string): string {
  const full = code.replaceAll(/(?:\.\.\.|…)(?=\s*[,}])/g, "...required");
  return `${/^\w+: \{/.test(full) ? `createLatchkey({ ...required, ${full} });` : full}\nexport {};`;
}

/** What the type checker says of them. JavaScript may take what TypeScript says may be undefined. */
function problemsOf(modules: ReadonlyMap<string, string>): readonly string[] {
  const files = new Map([...modules, ["world.d.mts", world]].map(([name, text]) => [`${root}server/test/${name}`, text]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    types: ["node"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    customConditions: ["@latchkey/source"],
    allowImportingTsExtensions: true,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version) =>
    files.has(file) ? ts.createSourceFile(file, files.get(file)!, version) : getSourceFile(file, version);
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].flatMap((name) => {
    const file = program.getSourceFile(name)!;
    const told = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return told
      .map(({ start, messageText }) => ({ start: start!, message: ts.flattenDiagnosticMessageText(messageText, " ") }))
      .filter(({ message }) => !(name.endsWith(".js.mts") && /undefined/.test(message)) && !message.startsWith("A 'return'"))
      .map(({ start, message }) => `${path.basename(name)}, its line ${file.getLineAndCharacterOfPosition(start).line + 1}: ${message}`);
  });
}

const wrong = new Map([
  ["name.ts.mts", `gaurd(auth);`],
  ["option.js.mts", `guard(auth, { scope: ["posts:read"] });`],
  ["await.ts.mts", `const { key } = auth.apiKeys.issue({ name: "ci" }); export {};`],
  ["needed.ts.mts", `await createLatchkey({ issuer, store }); export {};`],
]);
const all = snippets();
const found = problemsOf(new Map([...all, ...wrong]));
const isWrong = (problem: string) => wrong.has(problem.split(",")[0]!);

test("every TypeScript and JavaScript snippet of the pages is what the types allow", () => {
  expect(all.size).toBeGreaterThan(30);
  expect(found.filter((problem) => !isWrong(problem))).toEqual([]);
});

test("a snippet that names what is not there, forgets to wait, or leaves out what is needed is found", () => {
  expect(found.filter(isWrong).map((problem) => problem.split(",")[0])).toEqual([...wrong.keys()]);
});
