import { accessSync, constants, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newMasterSecret } from "latchkey";
import { UsageError } from "../usage.ts";
import { settings } from "./settings.ts";

/** In words, what the operating system says of a folder that cannot be made or written. */
const reasons: Readonly<Record<string, string>> = {
  EEXIST: "there is a file of this name",
  ENOTDIR: "a part of the path is a file",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "the file system is read-only",
};

/** The data folder, for its owner only; made when it is not there, and never to be committed by accident. */
export function makeDataFolder(data: string): void {
  try {
    if (mkdirSync(data, { recursive: true, mode: 0o700 }) === undefined) return accessSync(data, constants.W_OK);
    writeFileSync(join(data, ".gitignore"), "*\n", { mode: 0o600 });
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw error;
    throw new UsageError(
      `the data folder ${data} cannot be used: ${reason}. Allowed: a folder that this user may write. Choose one by --data or ${settings.data.environment}. Example: ${settings.data.example}`,
    );
  }
}

/** Makes the secret of this folder. Of several processes that do so at once one wins, and all get its secret. */
export function makeSecretFile(data: string, file: string): string {
  makeDataFolder(data);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${newMasterSecret()}\n`, { mode: 0o600 });
  try {
    // A link appears whole or not at all, and never in place of another.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, "utf8").trim();
}
