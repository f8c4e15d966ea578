import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newMasterSecret } from "latchkey";

/** The data folder, for its owner only; made when it is not there, and never to be committed by accident. */
export function makeDataFolder(data: string): void {
  if (mkdirSync(data, { recursive: true, mode: 0o700 }) === undefined) return;
  writeFileSync(join(data, ".gitignore"), "*\n", { mode: 0o600 });
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
