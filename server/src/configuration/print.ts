import type { Configuration } from "./configuration.ts";
import type { Setting } from "./setting.ts";
import { type SettingKey, settings } from "./settings.ts";

/** Each setting with its value and source, for `--print-config`. Secrets are masked. */
export function describeConfiguration({ values, origins }: Configuration): Record<string, { value: unknown; source: string }> {
  const rows = (Object.keys(settings) as SettingKey[]).map((key) => {
    const one: Setting = settings[key];
    const value: unknown = values[key];
    const shown = value === undefined ? one.otherwise : one.secret === true ? masked(value) : value;
    return [one.environment, { value: shown, source: origins[key] ?? "default" }] as const;
  });
  return Object.fromEntries(rows);
}

export function printConfiguration(rows: Record<string, { value: unknown; source: string }>): string {
  return Object.entries(rows)
    .map(([name, { value, source }]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${name.padEnd(27)}  ${text}${source === "default" ? "  (default)" : source === name ? "" : `  (${source})`}`;
    })
    .join("\n");
}

/** Where a URL leads may be read; who logs in there may not. */
function masked(value: unknown): string {
  if (typeof value === "string" && URL.canParse(value)) {
    const { protocol, host, pathname } = new URL(value);
    if (host !== "") return `${protocol}//${host}${pathname} [without user, password and options]`;
  }
  return Array.isArray(value) && value.length > 1 ? `[${value.length} secrets]` : "[secret]";
}
