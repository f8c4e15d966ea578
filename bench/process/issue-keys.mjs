// @ts-check
// Issues keys in a new database and prints them.
import path from "node:path";
import { sqlite } from "latchkey/sqlite";
import { openGate } from "../fixtures/gate.mjs";

const [file, count] = /** @type {[string, string]} */ (process.argv.slice(2));
const auth = await openGate(path.dirname(file), { store: sqlite(file) });
/** @type {string[]} */
const keys = [];
while (keys.length < Number(count)) {
  const issued = await Promise.all(Array.from({ length: 100 }, () => auth.apiKeys.issue({ name: "bench", scopes: ["posts:read"] })));
  keys.push(...issued.map(({ key }) => key));
}
await auth.close();
process.stdout.write(JSON.stringify(keys));
