// @ts-check
// Webhooks sent to a receiver that fails half of the time, by a sender that is killed twice: what arrives, and how often.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLatchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { Webhook } from "standardwebhooks";
import { table, thousands } from "../figures.mjs";
import { failingReceiver, senderOptions } from "../fixtures/webhooks.mjs";
import { startAnswering } from "../process/pinned.mjs";

export const part = {
  name: "webhooks-killed",
  title: "Webhooks sent, through failures and kills",
  about:
    "10,000 messages for one endpoint, which answers 500 to one of four requests and breaks another one off; the sender is killed with -9 after a third and after " +
    "two thirds of them were taken. Each signature is checked by the npm library standardwebhooks. Messages that are not all taken, or a wrong signature, fail the part.",
  onlyByName: true,
  run,
};

/** @param {import("../run.mjs").Pace} pace */
async function run(pace) {
  const count = pace.quick ? 300 : 10_000;
  const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
  const file = path.join(folder, "latchkey.db");
  /** @type {Webhook | undefined} */
  let verifier;
  const receiver = await failingReceiver((body, headers) => verifier?.verify(body, /** @type {any} */ (headers)));
  const auth = await createLatchkey({ ...senderOptions, store: sqlite(file), webhooks: { ...senderOptions.webhooks, deliver: false } });
  try {
    const { endpoint, secret } = await auth.webhooks.create({ url: receiver.url, events: ["order.paid"] });
    verifier = new Webhook(secret);
    const send = (/** @type {number} */ number) => auth.webhooks.send(endpoint.id, { type: "order.paid", data: { number } });
    const sent = await Promise.all(Array.from({ length: count }, (_, number) => send(number)));
    const startedAt = performance.now();
    for (const share of [1 / 3, 2 / 3, 1]) {
      const sender = startAnswering("subject", [path.join(import.meta.dirname, "../process/webhook-sender.mjs"), file]);
      await sender.ask();
      await receiver.until(() => receiver.taken.size >= count * share);
      await killed(sender.child);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    const lost = sent.filter((one) => one === undefined || !receiver.taken.has(one.messageId)).length;
    const again = [...receiver.taken.values()].filter((times) => times > 1).length;
    const { requests, wrong } = receiver.seen;
    if (lost > 0 || wrong > 0) throw new Error(`${lost} of ${count} messages were lost, ${wrong} of ${requests} requests signed wrongly.`);
    return table(
      ["messages", "requests", "lost", "signed wrongly", "taken more than once", "seconds, both kills included"],
      [[thousands(count), thousands(requests), String(lost), String(wrong), String(again), seconds.toFixed(1)]],
    );
  } finally {
    receiver.close();
    await auth.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {import("node:child_process").ChildProcess} child */
function killed(child) {
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill("SIGKILL");
  });
}
