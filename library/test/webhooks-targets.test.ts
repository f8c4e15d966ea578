// Webhooks to targets that mean ill, or are not well: what a sender has to stand.
import { createServer, type Server } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sqlite } from "latchkey/sqlite";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { type MakeOptions, type Workshop, workshop } from "./certificates.ts";
import { describeWithOpenssl } from "./services.ts";
import { startReceiver } from "./webhook-receiver.ts";

let auth: TestLatchkey;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const gate = async (webhooks: object = {}) => {
  auth = await testLatchkey({ store: sqlite(":memory:"), webhooks: { deliver: false, timeout: "300ms", ...webhooks } });
  closing.push(() => auth.close());
};
/** What one try comes to. */
const tryOnce = async (url: string) => {
  const { endpoint } = await auth.webhooks.create({ url, events: ["never"] });
  await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
  expect(await auth.webhooks.deliverDue()).toBe(1);
  const [delivery] = await auth.webhooks.deliveries({ endpoint: endpoint.id });
  return { state: delivery!.state, problem: delivery!.lastError?.split(":")[0] };
};
const listen = (server: TcpServer | Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

describe("a target that takes its time", () => {
  /** Speaks when it was asked, and then as it likes. */
  const speaking = async (speak: (socket: Socket) => void) => {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket.on("error", () => undefined));
      socket.once("data", () => speak(socket));
    });
    const port = await listen(server);
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `http://127.0.0.1:${port}/`;
  };
  /** A byte now and then, so that no pause is long: only all of it together is. */
  const drip = (socket: Socket, text: string) => {
    let at = 0;
    const timer = setInterval(() => void (socket.destroyed ? clearInterval(timer) : socket.write(text[at++ % text.length]!)), 20);
    closing.push(() => clearInterval(timer));
  };

  test.each<[string, (socket: Socket) => void]>([
    ["says nothing", () => undefined],
    [
      "never comes to the end of its header",
      (socket) => drip(socket, "HTTP/1.1 200 OK\r\nx-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ],
  ])("and %s is given up at the end of the time for a try [attack:WH-06]", async (_, speak) => {
    await gate();
    expect(await tryOnce(await speaking(speak))).toEqual({ state: "waiting", problem: "timeout" });
  });

  test.each<[string, (socket: Socket) => void]>([
    ["never comes to the end of its body", (socket) => (socket.write("HTTP/1.1 200 OK\r\n\r\n"), drip(socket, "x"))],
    ["promises a body and stalls", (socket) => void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n")],
  ])(
    "but %s has said what counts, and is not waited for [attack:WH-06]",
    async (_, speak) => {
      await gate({ timeout: "60s" });
      expect(await tryOnce(await speaking(speak))).toEqual({ state: "delivered", problem: undefined });
      // Waited for, it would be delivered too, but only at the end of the time for a try.
    },
    30_000,
  );

  test("and is known to fail gets one try at a time, so that there is room for what comes to others [attack:WH-06]", async () => {
    await gate({ timeout: "2s", atOnce: 4, retries: ["1s"] });
    const { endpoint: stalled } = await auth.webhooks.create({ url: await speaking(() => undefined), events: ["never"] });
    await auth.webhooks.send(stalled.id, { type: "a", data: {} });
    await auth.webhooks.deliverDue();
    auth.clock.advance("2s");
    const tried = async () => (await auth.webhooks.deliveries({ endpoint: stalled.id })).filter(({ attempts }) => attempts > 0).length;
    // Alone, it could have all of the room.
    for (let number = 0; number < 2; number += 1) await auth.webhooks.send(stalled.id, { type: "a", data: { number } });
    const draining = auth.webhooks.deliverDue();
    await vi.waitFor(
      async () => expect((await auth.webhooks.deliveries({ endpoint: stalled.id })).some(({ attempts }) => attempts === 2)).toBe(true),
      { timeout: 30_000 },
    );
    const before = await tried();
    const receiver = await startReceiver((_message, response) => response.writeHead(204).end());
    closing.push(receiver.close);
    const { endpoint } = await auth.webhooks.create({ url: receiver.url, events: ["never"] });
    await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
    await receiver.atLeast(1);
    expect([before, await tried()]).toEqual([1, 1]);
    await draining;
  });
});

describeWithOpenssl("a target whose certificate", () => {
  const loopback = (san: string): MakeOptions => ({
    extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth", `subjectAltName=${san}`],
  });

  test.each<[string, (shop: Workshop) => { key: string; cert: string }]>([
    ["it signed itself", (shop) => shop.make("own", loopback("IP:127.0.0.1"))],
    [
      "is of an authority that nobody knows",
      (shop) => {
        const by = shop.make("ca", { extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"] });
        const { key, cert } = shop.make("leaf", { ...loopback("IP:127.0.0.1"), by });
        return { key, cert: cert + by.cert };
      },
    ],
  ])("%s is sent nothing [attack:WH-06] [asvs:V12.3.2]", async (_, make) => {
    const shop = workshop();
    const seen: string[] = [];
    const server = createServer(make(shop), (request, response) => {
      seen.push(request.url!);
      response.end();
    });
    closing.push(shop.remove, () => server.close());
    await gate({ timeout: "5s" });
    expect(await tryOnce(`https://127.0.0.1:${await listen(server)}/`)).toEqual({ state: "waiting", problem: "network" });
    expect(seen).toEqual([]);
  });
});

test("a thousand dead targets do not keep a living one waiting, and are left alone for a while [attack:WH-06]", async () => {
  await gate({ retries: ["1h"], timeout: "5s" });
  const dead = Array.from({ length: 1_000 }, (_, number) => auth.webhooks.create({ url: `http://127.0.0.1:1/${number}`, events: ["*"] }));
  await Promise.all(dead);
  const receiver = await startReceiver((_message, response) => response.writeHead(204).end());
  closing.push(receiver.close);
  const { endpoint } = await auth.webhooks.create({ url: receiver.url, events: ["*"] });
  await auth.webhooks.publish({ type: "a", data: {} });
  expect(await auth.webhooks.deliverDue()).toBe(1_001);
  // They are known to fail from now on: more messages for them wait behind those that can arrive.
  auth.clock.advance("2h");
  for (let number = 0; number < 20; number += 1) await auth.webhooks.send(endpoint.id, { type: "a", data: { number } });
  const draining = auth.webhooks.deliverDue();
  await receiver.atLeast(21);
  const triedAgain = (await auth.webhooks.deliveries({ limit: 1_000 })).filter(
    ({ attempts, state }) => attempts === 2 && state === "failed",
  );
  expect(triedAgain.length).toBeLessThan(500);
  expect(await draining).toBe(1_020);
});
