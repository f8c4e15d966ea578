#!/usr/bin/env node
/** The command `latchkey`. Only what the given command needs is loaded. */
import module from "node:module";

// Node 22 and newer keep what they compiled of our files; Node 20 compiles at every start.
(module as { enableCompileCache?: () => unknown }).enableCompileCache?.();
// Packages with binaries ask Node for a report to learn the kind of libc; without this it looks up every peer's name too.
if (process.report !== undefined) (process.report as { excludeNetwork?: boolean }).excludeNetwork = true;

const { run } = await import("./cli.ts");
process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
