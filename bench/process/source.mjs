// @ts-check
// A room of the library as it is in the sources, for what is on no public face: bundled for this process alone.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = path.resolve(import.meta.dirname, "../..");

/** @param {string} file e.g. `library/src/status-list/index.ts` @returns {Promise<any>} what it exports */
export async function importSource(file) {
  const built = await rolldown({
    input: path.join(root, file),
    platform: "node",
    external: (id) => !id.startsWith(".") && !path.isAbsolute(id),
    resolve: { conditionNames: ["@latchkey/source", "node", "import", "default"] },
  });
  const { output } = await built.generate({ format: "esm", codeSplitting: false });
  // Beside the program, so that packages are found.
  const folder = mkdtempSync(path.join(root, "node_modules/.latchkey-bench-"));
  try {
    const bundle = path.join(folder, "room.mjs");
    writeFileSync(bundle, output[0].code);
    return await import(pathToFileURL(bundle).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
