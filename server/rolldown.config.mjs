// @ts-check
// The command in as few files as possible: reading hundreds of small modules is most of what a start costs.
// What is loaded by `import()` stays in a chunk of its own and costs nothing until it is needed.
import { defineConfig } from "rolldown";

export default defineConfig({
  input: { bin: "src/bin.ts" },
  platform: "node",
  // Native code, and what looks for files beside itself, stays where npm put it.
  external: [/^node:/, "libsql", /^@node-rs\//, "pg-native"],
  // The library from its source, as in the tests, so that the two builds can run side by side.
  resolve: { conditionNames: ["@latchkey/source", "node"] },
  output: { dir: "dist", format: "esm", cleanDir: true, sourcemap: true, chunkFileNames: "[name]-[hash].js" },
});
