// One entry for each subpath of package.json, so that there is no second list of them.
import { defineConfig } from "tsdown";
import manifest from "./package.json" with { type: "json" };

const entries = Object.values(manifest.exports).map((face) => {
  const source = face["@latchkey/source"];
  return [source.replace(/^\.\/src\//, "").replace(/\.ts$/, ""), source] as const;
});

export default defineConfig({
  entry: Object.fromEntries(entries),
  format: "esm",
  platform: "node",
  target: "node20.19",
  dts: true,
  sourcemap: true,
  fixedExtension: false,
  // Dependencies and peers are the app's own copies: one kysely, one express.
  deps: { skipNodeModulesBundle: true },
});
