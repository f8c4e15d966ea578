// @ts-check
// The command in as few files as possible: reading hundreds of small modules is most of what a start costs.
// What is loaded by `import()` stays in a chunk of its own and costs nothing until it is needed.
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
    output: { dir: "dist", format: "esm", cleanDir: true, sourcemap: true, chunkFileNames: "[name]-[hash].js" },
  },
  {
    // For apps, which have a Latchkey of their own: there must be one only, since a Fault is known by its class.
    input: { admin: "src/admin/index.ts" },
    platform: "node",
    external: [...external, /^latchkey(?:\/|$)/],
    output: { dir: "dist", format: "esm", sourcemap: true },
  },
]);
