// @ts-check
// `npm start`: builds what is stale, then is the server. One process, so that a signal reaches it.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "./build.mjs";

const bin = path.resolve(import.meta.dirname, "../server/dist/bin.js");

await build();
// As if it had been called `latchkey serve`, with whatever options follow.
process.argv = [process.execPath, bin, "serve", ...process.argv.slice(2)];
await import(pathToFileURL(bin).href);
