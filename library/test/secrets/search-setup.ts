// Runs once around all tests: a folder into which every process writes what it used as a secret and what reached a database,
// a log or an answer; and the search, when all of them are over. What it finds is a failure of the run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Found, searchRun } from "./search.ts";

export default function setUp(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-record-"));
  process.env["TEST_RECORD_FOLDER"] = folder;
  return () => {
    const { secrets, megabytes, found } = searchRun(folder);
    rmSync(folder, { recursive: true, force: true });
    process.stdout.write(
      `Searched ${megabytes.toFixed(1)} MB of databases, logs and answers for ${secrets} secrets: ${found.length} found.\n`,
    );
    if (found.length === 0) return;
    process.stdout.write(`${found.slice(0, 50).map(describe).join("\n")}\n`);
    process.exitCode = 1;
  };
}

const describe = ({ where, kind, secret, excerpt }: Found): string =>
  `  ${where}: ${kind} ${JSON.stringify(secret.slice(0, 60))} in ${JSON.stringify(excerpt)}`;
