import { defineConfig } from "tsdown";

// The command in as few files as possible: reading hundreds of small modules is most of what a start costs. What is
// loaded by `import()` stays in a chunk of its own. Drivers with binaries stay where npm put them.
export default defineConfig({
  entry: { bin: "src/bin.ts" },
  format: "esm",
  platform: "node",
  target: "node20.19",
  fixedExtension: false,
  dts: false,
  deps: { neverBundle: ["libsql"], alwaysBundle: [/.*/] },
  inputOptions: { resolve: { conditionNames: ["@latchkey/source", "node", "import", "default"] } },
});
