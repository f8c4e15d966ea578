import type { OptionSpec } from "../arguments.ts";
import type { Setting } from "./setting.ts";
import { type SettingKey, settings } from "./settings.ts";

const configOption: OptionSpec = {
  name: "config",
  value: "FILE",
  describe: "configuration file (default: latchkey.config.{ts,js,json} here)",
};

function optionOf(key: SettingKey): OptionSpec {
  const { flag, value, describe, environment, otherwise }: Setting = settings[key];
  return { name: flag!, value, describe: `${describe} (${environment}; default ${otherwise})` };
}

/** Options of every command that opens the data. */
export const dataOptions: readonly OptionSpec[] = [optionOf("data"), optionOf("databaseUrl"), configOption];

/** Options of `serve`: every setting that has a flag. */
export const serveOptions: readonly OptionSpec[] = [
  ...(Object.keys(settings) as SettingKey[]).filter((key) => (settings[key] as Setting).flag !== undefined).map(optionOf),
  configOption,
  { name: "print-config", value: undefined, describe: "print every setting and where it comes from, and do not start" },
];
