// @ts-check
// Makes sessions in a new database, of so few to a user that none ends, and prints their tokens.
import path from "node:path";
import { sqlite } from "latchkey/sqlite";
import { openGate } from "../fixtures/gate.mjs";

const [file, count] = /** @type {[string, string]} */ (process.argv.slice(2));
const auth = await openGate(path.dirname(file), { store: sqlite(file) });
/** @type {string[]} */
const tokens = [];
while (tokens.length < Number(count)) {
  const { id } = await auth.users.create({ email: `person${tokens.length}@example.com` });
  const made = await Promise.all(Array.from({ length: 50 }, () => auth.sessions.create({ user: id, amr: ["pwd"] })));
  tokens.push(...made.map(({ token }) => token));
}
await auth.close();
process.stdout.write(JSON.stringify(tokens));
