#!/usr/bin/env node
// Here before anything is built, so that npm can link it in a fresh clone.
import { existsSync } from "node:fs";

const built = new URL("../dist/bin.js", import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write("latchkey: nothing is built yet. In a clone: npm run build\n");
  process.exitCode = 3;
}
