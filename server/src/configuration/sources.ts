import type { Input } from "../arguments.ts";
import { suggestion } from "../nearest.ts";
import { UsageError } from "../usage.ts";
import type { ConfigFile } from "./file.ts";
import type { Setting } from "./setting.ts";
import { type SettingKey, settings, type Values } from "./settings.ts";

/** Where a value came from, as people name it: `--port`, `LATCHKEY_PORT`, `port in latchkey.config.js`. */
export type Origins = Readonly<Partial<Record<SettingKey, string>>>;

const keys = Object.keys(settings) as readonly SettingKey[];
const names: readonly string[] = keys.map((key) => settings[key].environment);

/**
 * Flags before environment before file. Throws a UsageError that names the source, the shape of the value and what is
 * allowed; an unknown variable or key gets the name that was probably meant.
 */
export function readSources(
  input: Input,
  environment: NodeJS.ProcessEnv,
  file: ConfigFile | undefined,
): { values: Values; origins: Origins } {
  refuseUnknownVariables(environment);
  refuseUnknownKeys(file);
  const values: Partial<Record<SettingKey, unknown>> = {};
  const origins: Partial<Record<SettingKey, string>> = {};
  for (const key of keys) {
    const one: Setting = settings[key];
    const found = look(one, key, input, environment, file);
    if (found === undefined) continue;
    const parsed = one.schema.safeParse(found.value);
    if (!parsed.success) throw new UsageError(complaint(found.origin, found.value, one));
    values[key] = parsed.data;
    origins[key] = found.origin;
  }
  return { values: values as Values, origins };
}

function look(one: Setting, key: SettingKey, input: Input, environment: NodeJS.ProcessEnv, file: ConfigFile | undefined) {
  const flag = one.flag === undefined ? undefined : input[one.flag];
  if (flag !== undefined) return { value: flag, origin: `--${one.flag}` };
  const variable = environment[one.environment];
  // Compose files and shells pass on what is not set as an empty text.
  if (variable !== undefined && variable !== "") return { value: variable, origin: one.environment };
  const value = file?.values[key];
  return value === undefined ? undefined : { value, origin: `${key} in ${file!.name}` };
}

/** The message for a value that cannot be used. */
export function complaint(origin: string, value: unknown, { secret, allowed, example }: Setting): string {
  return `${origin}: got ${shapeOf(value, secret === true)}; allowed: ${allowed}. Example: ${example}`;
}

function shapeOf(value: unknown, secret: boolean): string {
  if (typeof value === "string") return secret || value.length > 60 ? `a text of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return secret ? `a ${typeof value}` : String(value);
  return Array.isArray(value) ? `a list of ${value.length}` : `a value of type ${typeof value}`;
}

function refuseUnknownVariables(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (!name.startsWith("LATCHKEY_") || names.includes(name)) continue;
    // Kubernetes sets LATCHKEY_SERVICE_HOST and LATCHKEY_PORT_3000_TCP for a service of this name; nobody wrote them.
    if (/^LATCHKEY_(?:TEST_|SERVICE_|PORT_\d)/.test(name)) continue;
    throw new UsageError(`${name} is not a setting.${suggestion(name, names)} Allowed: ${names.join(", ")}.`);
  }
}

function refuseUnknownKeys(file: ConfigFile | undefined): void {
  for (const key of Object.keys(file?.values ?? {})) {
    if (!keys.includes(key as SettingKey))
      throw new UsageError(`${key} in ${file!.name} is not a setting.${suggestion(key, keys)} Allowed: ${keys.join(", ")}.`);
  }
}
