import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configFileNames, makeSecretFile, type Setting, settings } from "../configuration/index.ts";
import { NotDone } from "../usage.ts";
import type { Command } from "./command.ts";

interface Made {
  readonly config: string;
  readonly secretFile: string;
}

export const init: Command = {
  name: "init",
  summary: "Write a commented configuration file here, and a secret file into the data folder. Overwrites nothing.",
  positionals: [],
  options: [],
  example: "latchkey init",
  async here({ configuration }): Promise<Made> {
    const config = "latchkey.config.js";
    const secretFile = join(configuration.data, "secret");
    const present = [...configFileNames, secretFile].find((file) => existsSync(file));
    if (present !== undefined) throw new NotDone(`${present} is here already. Nothing was written.`);
    writeFileSync(config, configText(), { flag: "wx" });
    makeSecretFile(configuration.data, secretFile);
    return { config, secretFile };
  },
  print: ({ config, secretFile }: Made) =>
    `${config}: every setting, commented out.\n${secretFile}: the master secret. Keep a copy where the database's copy is not.\n\nStart: latchkey serve`,
};

/** Every setting, commented out with its default or an example. */
function configText(): string {
  const rows = Object.entries(settings).flatMap(([key, one]: [string, Setting]) => [
    `  // ${one.describe}. Allowed: ${one.allowed}. Default: ${one.otherwise}.`,
    `  // ${key}: ${one.secret === true ? `process.env.${one.environment}` : JSON.stringify(one.example)},`,
    "",
  ]);
  return [
    "// Settings of the Latchkey server. Flags and LATCHKEY_* variables win over this file.",
    "// Secrets do not belong here when this file is committed: use secretFile, or the environment.",
    "export default {",
    ...rows.slice(0, -1),
    "};",
    "",
  ].join("\n");
}
