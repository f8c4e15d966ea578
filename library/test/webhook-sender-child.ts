// A process of its own that delivers webhooks, to be killed in the middle of it.
import { createLatchkey } from "../src/index.ts";
import { sqlite } from "../src/stores/sqlite/index.ts";
import { senderOptions } from "./webhook-receiver.ts";

await createLatchkey({ ...senderOptions, store: sqlite(process.argv[2] ?? "") });
// What it does, it does by its timer, which alone would not keep it alive.
process.stdin.resume();
