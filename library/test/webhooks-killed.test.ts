import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "rolldown";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLatchkey } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { senderOptions, startReceiver } from "./webhook-receiver.ts";

// Inside the repository, so that it finds the drivers.
const program = join(import.meta.dirname, "../../test-results", `webhook-sender-child-${process.pid}.mjs`);
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-test-"));
  await build({
    input: join(import.meta.dirname, "webhook-sender-child.ts"),
    platform: "node",
    external: [/^[a-z@](?!.*\.ts$)/],
    output: { file: program, codeSplitting: false },
    logLevel: "silent",
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(program, { force: true });
});

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

  const start = () => spawn(process.execPath, [program, file], { stdio: ["pipe", "ignore", "inherit"] });
  for (const killAt of [40, 120]) {
    const child = start();
    await receiver.atLeast(killAt);
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
  }
  const last = start();
  await arrived;
  last.kill("SIGKILL");
  await receiver.close();
  await auth.close();
  expect(wrong).toEqual([]);
  expect([...taken].toSorted()).toEqual(sent.map((one) => one!.messageId).toSorted());
});
