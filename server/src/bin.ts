#!/usr/bin/env node
/** The command `latchkey`. Only what the given command needs is loaded. */
import { run } from "./cli.ts";

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
