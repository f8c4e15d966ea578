// A process of its own with an authorization server, to be killed in the middle of flows. Says on which port it listens.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLatchkey } from "../src/index.ts";
import { mount } from "../src/frameworks/node/index.ts";
import { postgres } from "../src/stores/postgres/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";
import { processOptions } from "./oauth-process-options.ts";

const place = process.argv[2] ?? "";
// A machine that is busy with other tests may keep many waiting for longer than a server should.
const patient = { connectTimeoutMs: 15_000, statementTimeoutMs: 15_000 };
const auth = await createLatchkey({ ...processOptions, store: place.startsWith("postgres") ? postgres(place, patient) : sqlite(place) });
const server = createServer(mount(auth));
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
// Nobody is left alone with it: it goes with whoever started it.
process.stdin.once("close", () => process.exit()).resume();
