// @ts-check
// The command in as few files as possible: reading hundreds of small modules is most of what a start costs, and dozens of
// chunks are a tenth of it. So what several of them share is one; what one alone loads by `import()` costs nothing until then.
import { defineConfig } from "rolldown";

// Native code, and what looks for files beside itself, stays where npm put it.
const external = [/^node:/, "libsql", /^@node-rs\//, "pg-native"];
// The library from its source, as in the tests, so that the two builds can run side by side.
const resolve = { conditionNames: ["@latchkey/source", "node"] };

export default defineConfig([
  {
    input: { bin: "src/bin.ts" },
    platform: "node",
    external,
    resolve,
    output: {
      dir: "dist",
      format: "esm",
      cleanDir: true,
      sourcemap: true,
      chunkFileNames: "[name]-[hash].js",
      codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
      // V8 keeps the text of a file: in half as much memory where all of it is ASCII, which templates escape by themselves.
      charset: "ascii",
      comments: { jsdoc: false, annotation: false },
    },
  },
  {
    // For apps, which have a Latchkey of their own: there must be one only, since a Fault is known by its class.
    input: { admin: "src/admin/index.ts" },
    platform: "node",
    external: [...external, /^latchkey(?:\/|$)/],
    output: { dir: "dist", format: "esm", sourcemap: true },
  },
]);
