// Delivers the webhooks that wait in a database, to be killed in the middle of it.
import { createLatchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { senderOptions } from "../fixtures/webhooks.mjs";

process.on("disconnect", () => process.exit());
await createLatchkey({ ...senderOptions, store: sqlite(process.argv[2]) });
process.send({ ready: true });
