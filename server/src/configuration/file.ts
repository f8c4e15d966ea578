import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../usage.ts";

export interface ConfigFile {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export const configFileNames = ["latchkey.config.ts", "latchkey.config.js", "latchkey.config.json"] as const;

/** The named file, or the one of the current folder; undefined where there is none. Two of them are a mistake: one would hide the other. */
export async function readConfigFile(named: string | undefined): Promise<ConfigFile | undefined> {
  if (named !== undefined && !existsSync(named)) throw new UsageError(`--config: ${named} does not exist.`);
  const present = named === undefined ? configFileNames.filter((name) => existsSync(name)) : [named];
  const [file, other] = present;
  if (file === undefined) return undefined;
  if (other !== undefined) throw new UsageError(`${file} and ${other} are both here. Keep one of them.`);
  const values = file.endsWith(".json") ? readJson(file) : await importFile(file);
  if (typeof values !== "object" || values === null || Array.isArray(values))
    throw new UsageError(`${file}: must hold one object of settings. Example: { "port": 3000 }`);
  return { name: basename(file), values: values as Record<string, unknown> };
}

function readJson(file: string): unknown {
  try {
    // Editors on Windows put a byte order mark first.
    return JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    throw new UsageError(`${file}: is not JSON: ${(error as Error).message}`);
  }
}

/** TypeScript is read by Node itself, which can do so from 22.18 on. */
async function importFile(file: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_UNKNOWN_FILE_EXTENSION")
      throw new UsageError(
        `${file}: Node ${process.versions.node} does not read TypeScript; 22.18 and newer do. Name it latchkey.config.js, or use latchkey.config.json.`,
      );
    throw new UsageError(`${file}: cannot be loaded: ${(error as Error).message}`);
  }
  if (module.default === undefined) throw new UsageError(`${file}: has no default export. Example: export default { port: 3000 };`);
  return module.default;
}
