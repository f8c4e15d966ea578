import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { knownSample } from "latchkey";
import { UsageError } from "../usage.ts";
import type { Configuration } from "./configuration.ts";
import { makeSecretFile } from "./data-folder.ts";
import { settings } from "./settings.ts";

/**
 * The master secrets, newest first: from the environment or the configuration file, from a file, or in development from the
 * data folder, where one is made when there is none. Throws a UsageError; no secret is ever part of it.
 */
export function readSecrets(configuration: Configuration): readonly string[] {
  const { values, origins, data } = configuration;
  if (values.secret !== undefined) return checked(values.secret, origins.secret!);
  if (values.secretFile !== undefined) return secretFile(values.secretFile, origins.secretFile!);
  const file = join(data, "secret");
  if (existsSync(file)) return secretFile(file, file);
  if (!configuration.development) {
    const { allowed, example } = settings.secret;
    throw new UsageError(
      `LATCHKEY_SECRET or LATCHKEY_SECRET_FILE must be set outside development; allowed: ${allowed}. Example: ${example}`,
    );
  }
  return [makeSecretFile(data, file)];
}

function secretFile(file: string, origin: string): readonly string[] {
  if (!existsSync(file)) throw new UsageError(`${origin}: ${file} does not exist.`);
  const status = statSync(file);
  if (status.isDirectory()) throw new UsageError(`${origin}: ${file} is a folder; allowed: ${settings.secretFile.allowed}.`);
  if ((status.mode & 0o077) !== 0)
    throw new UsageError(`${origin}: ${file} can be read by others. Allowed: mode 0600. Mend it with: chmod 600 ${file}`);
  const list = readFileSync(file, "utf8")
    .split(/[,\n]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return checked(list, origin);
}

function checked(list: readonly string[], origin: string): readonly string[] {
  const { allowed, example } = settings.secret;
  if (list.length === 0) throw new UsageError(`${origin}: holds no secret; allowed: ${allowed}. Example: ${example}`);
  for (const [index, secret] of list.entries()) {
    const which = list.length === 1 ? "" : ` (number ${index + 1} of ${list.length})`;
    const bytes = Buffer.byteLength(secret);
    if (bytes < 32) throw new UsageError(`${origin}: got ${bytes} bytes${which}; allowed: ${allowed}. Example: ${example}`);
    const reason = knownSample(secret);
    if (reason !== undefined)
      throw new UsageError(`${origin}: this is no secret${which}: ${reason}. Allowed: ${allowed}. Example: ${example}`);
  }
  return list;
}
