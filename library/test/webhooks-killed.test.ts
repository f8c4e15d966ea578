import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, expect, test } from "vitest";
import { createLatchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { childProgram } from "./child-program.ts";
import { senderOptions, startReceiver } from "./webhook-receiver.ts";

const start = childProgram("webhook-sender-child.ts");
const folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a sender that is killed twice, and a receiver that fails half of the time: each message arrives at least once, none signed wrongly", async () => {
  const count = 300;
  const file = join(folder, "a.db");
  const auth = await createLatchkey({ ...senderOptions, store: sqlite(file), webhooks: { ...senderOptions.webhooks, deliver: false } });
  const taken = new Set<string>();
  const wrong: string[] = [];
  let verifier: Webhook | undefined;
  let all: () => void;
  const arrived = new Promise<void>((resolve) => (all = resolve));
  let requests = 0;
  const receiver = await startReceiver(({ id, body, headers }, response) => {
    requests += 1;
    try {
      verifier!.verify(body, headers);
    } catch (error) {
      wrong.push(`${id}: ${String(error)}`);
    }
    // Every other request fails: by a status, or by a connection that breaks.
    if (requests % 4 === 1) return void response.writeHead(500).end();
    if (requests % 4 === 3) return void response.destroy();
    response.writeHead(204).end();
    taken.add(id);
    if (taken.size === count) all();
  });
  const { endpoint, secret } = await auth.webhooks.create({ url: receiver.url, events: ["*"] });
  verifier = new Webhook(secret);
  const sent = await Promise.all(
    Array.from({ length: count }, (_, number) => auth.webhooks.send(endpoint.id, { type: "order.paid", data: { number } })),
  );

  for (const killAt of [40, 120]) {
    const child = start(file);
    await receiver.atLeast(killAt);
    await child.kill();
  }
  const last = start(file);
  await arrived;
  await last.kill();
  await receiver.close();
  await auth.close();
  expect(wrong).toEqual([]);
  expect([...taken].toSorted()).toEqual(sent.map((one) => one!.messageId).toSorted());
});
