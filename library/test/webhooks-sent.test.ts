import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import type { Store } from "latchkey";
import { sqlite } from "latchkey/sqlite";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { webhook } from "latchkey/webhook";
import { weakPasswords } from "./accounts-house.ts";
import { patientPostgres } from "./patient-postgres.ts";
import { describeWithPostgres, postgresForEach } from "./services.ts";
import { type Receiver, startReceiver } from "./webhook-receiver.ts";

type Answer = Parameters<typeof startReceiver>[0];
const ok: Answer = (_message, response) => response.writeHead(204).end();
const endless: Answer = (_message, response) => {
  response.writeHead(200);
  const more = (): void => void (response.destroyed || response.write("x".repeat(64 * 1024), () => setImmediate(more)));
  more();
};
const failing: Answer = (_message, response) => response.writeHead(500).end();

function suite(openStore: () => Promise<Store>): void {
  let auth: TestLatchkey;
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });
  const gate = async (options: Parameters<typeof testLatchkey>[0] = {}, webhooks: object = {}) => {
    auth = await testLatchkey({
      store: await openStore(),
      passwords: weakPasswords,
      ...options,
      webhooks: { deliver: false, ...webhooks },
    });
    closing.push(() => auth.close());
    return auth;
  };
  const receiverOf = async (answer: Answer = ok): Promise<Receiver> => {
    const receiver = await startReceiver(answer);
    closing.push(() => receiver.close());
    return receiver;
  };
  /** An endpoint with a receiver of its own. */
  const endpointOf = async (answer: Answer = ok, events: readonly string[] = ["*"]) => {
    const receiver = await receiverOf(answer);
    return { receiver, ...(await auth.webhooks.create({ url: receiver.url, events })) };
  };
  const verified = (secret: string, { body, headers }: Receiver["received"][number]) =>
    // The clock of the tests stands elsewhere than that of their library.
    new Webhook(secret).sign(headers["webhook-id"]!, new Date(Number(headers["webhook-timestamp"]) * 1_000), body);

  test("sends what an app tells, signed so that the library of Standard Webhooks would sign it alike", async () => {
    await gate();
    const { endpoint, secret, receiver } = await endpointOf();
    const sent = await auth.webhooks.send(endpoint.id, { type: "invoice.paid", data: { invoice: 7, who: "Zoë" } });
    expect(await auth.webhooks.deliverDue()).toBe(1);
    const [message] = receiver.received;
    expect(JSON.parse(message!.body)).toEqual({
      type: "invoice.paid",
      timestamp: "2026-01-01T00:00:00.000Z",
      data: { invoice: 7, who: "Zoë" },
    });
    expect(message!.id).toBe(sent!.messageId);
    expect(message!.headers["webhook-signature"]).toBe(verified(secret, message!));
    expect(await auth.webhooks.deliveries()).toMatchObject([{ id: sent!.deliveryId, state: "delivered", attempts: 1, lastStatus: 204 }]);
    expect(await auth.webhooks.deliverDue()).toBe(0);
  });

  test("is taken by our own method for webhooks", async () => {
    const { endpoint, secret, receiver } = await gate().then(() => endpointOf());
    await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
    await auth.webhooks.deliverDue();
    const other = await testLatchkey({ methods: [webhook({ scheme: "standard", secrets: [secret] })] });
    closing.push(() => other.close());
    const { headers, body } = receiver.received[0]!;
    const ask = (sent: string) =>
      other.check(new Request("http://localhost:3000/hook", { method: "POST", headers, body: sent }), { methods: ["webhook"] });
    expect(await ask(`${body} `)).toMatchObject({ allowed: false });
    expect(await ask(body)).toMatchObject({ allowed: true });
  });

  test("tells subscribed endpoints what happens at the server, in the transaction in which it happens", async () => {
    await gate();
    const all = await endpointOf();
    const keys = await endpointOf(ok, ["key.created", "key.revoked"]);
    const user = await auth.users.create({ email: "ada@example.com", password: "correct horse battery staple 9" });
    const { record } = await auth.apiKeys.issue({ name: "ci", owner: user.id });
    await auth.apiKeys.revoke(record.id);
    expect(await auth.apiKeys.revoke(record.id)).toBe(false);
    await auth.users.disable(user.id);
    await auth.webhooks.deliverDue();
    const typesOf = ({ received }: Receiver) => received.map(({ body }) => (JSON.parse(body) as { type: string }).type).toSorted();
    expect(typesOf(keys.receiver)).toEqual(["key.created", "key.revoked"]);
    expect(typesOf(all.receiver)).toEqual(["key.created", "key.revoked", "user.created", "user.disabled"]);
    const told = all.receiver.received.map(({ body }) => JSON.parse(body) as { type: string; data: object });
    expect(told.find(({ type }) => type === "key.revoked")!.data).toMatchObject({
      outcome: "done",
      subject: user.id,
      credential_id: record.id,
    });
    expect(JSON.stringify(told)).not.toMatch(/ada@example|lk_live_|battery/);
  });

  test("tells of refused sign-ins and of ended sessions", async () => {
    await gate();
    const { receiver } = await endpointOf(ok, ["sign_in.refused", "session.revoked"]);
    const user = await auth.users.create({ email: "ada@example.com" });
    const session = await auth.sessions.create({ user: user.id });
    await auth.sessions.revoke(session.record.id);
    const body = JSON.stringify({ email: "ada@example.com", password: "wrong" });
    const headers = { "content-type": "application/json", origin: "http://localhost:3000" };
    await auth.fetch(new Request("http://localhost:3000/login", { method: "POST", headers, body }));
    await auth.flush();
    await auth.webhooks.deliverDue();
    expect(receiver.received.map((one) => (JSON.parse(one.body) as { type: string }).type).toSorted()).toEqual([
      "session.revoked",
      "sign_in.refused",
    ]);
  });

  test("queues nothing for a change that is undone", async () => {
    await gate();
    await endpointOf();
    await auth.users.create({ email: "ada@example.com" });
    await expect(auth.users.create({ email: "ada@example.com" })).rejects.toThrow(/exists/);
    expect(await auth.webhooks.deliveries()).toHaveLength(1);
  });

  test("queues an event of a given id once for each endpoint", async () => {
    await gate();
    const { endpoint } = await endpointOf();
    const event = { type: "a", data: {}, id: "invoice-7-paid" };
    expect(await auth.webhooks.send(endpoint.id, event)).toEqual(await auth.webhooks.send(endpoint.id, event));
    expect(await auth.webhooks.publish(event)).toBe(1);
    expect(await auth.webhooks.deliverDue()).toBe(1);
    expect(await auth.webhooks.send("whe_nobody", event)).toBeUndefined();
  });

  test("signs with both secrets while they overlap, with the new one alone afterwards, and keeps them sealed [attack:WH-05]", async () => {
    await gate();
    const { endpoint, secret, receiver } = await endpointOf();
    const rotated = await auth.webhooks.rotateSecret(endpoint.id, { overlap: "1h" });
    const signaturesNow = async () => {
      await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
      await auth.webhooks.deliverDue();
      return receiver.received.at(-1)!.headers["webhook-signature"]!.split(" ");
    };
    const both = await signaturesNow();
    const last = () => receiver.received.at(-1)!;
    expect(both).toEqual([verified(rotated!.secret, last()), verified(secret, last())]);
    auth.clock.advance("1h");
    expect(await signaturesNow()).toEqual([verified(rotated!.secret, last())]);
    const rows = JSON.stringify(
      await auth.store.database<{ latchkey_webhook_endpoint: object }>().selectFrom("latchkey_webhook_endpoint").selectAll().execute(),
    );
    expect(rows).not.toContain(secret.slice(6, 30));
    expect(rows).not.toContain(rotated!.secret.slice(6, 30));
    expect(await auth.webhooks.rotateSecret("whe_nobody")).toBeUndefined();
  });

  test("tries again later and later, a fifth more or less, gives up in the end, and delivers again when asked", async () => {
    await gate({}, { retries: ["10s", "100s"] });
    const { endpoint, receiver } = await endpointOf(failing);
    const sent = await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
    const stateNow = async () => (await auth.webhooks.deliveries({ endpoint: endpoint.id }))[0]!;
    expect(await auth.webhooks.deliverDue()).toBe(1);
    const first = await stateNow();
    expect(first).toMatchObject({ state: "waiting", attempts: 1, lastStatus: 500, lastError: "answered 500" });
    expect(Math.abs(first.dueAt! - auth.clock.now() - 10_000)).toBeLessThanOrEqual(2_000);
    auth.clock.advance("7s");
    expect(await auth.webhooks.deliverDue()).toBe(0);
    auth.clock.advance("5s");
    expect(await auth.webhooks.deliverDue()).toBe(1);
    expect(Math.abs((await stateNow()).dueAt! - auth.clock.now() - 100_000)).toBeLessThanOrEqual(20_000);
    auth.clock.advance("120s");
    await auth.webhooks.deliverDue();
    expect(await stateNow()).toMatchObject({ state: "failed", attempts: 3 });
    auth.clock.advance("1d");
    expect(await auth.webhooks.deliverDue()).toBe(0);
    expect(await auth.webhooks.redeliver(sent!.deliveryId)).toBe(true);
    expect(await auth.webhooks.redeliver(sent!.deliveryId)).toBe(false);
    expect(await auth.webhooks.deliverDue()).toBe(1);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  });

  test("waits as long as a busy endpoint asks", async () => {
    await gate({}, { retries: ["1s"] });
    const { endpoint } = await endpointOf((_message, response) => response.writeHead(429, { "retry-after": "600" }).end());
    await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
    await auth.webhooks.deliverDue();
    expect((await auth.webhooks.deliveries())[0]!.dueAt).toBe(auth.clock.now() + 600_000);
  });

  test("disables an endpoint at which nothing succeeds for long, or that says it is gone, and the audit log says why [attack:WH-06]", async () => {
    await gate({}, { retries: ["1h", "1h", "1h"], disableAfter: "2h" });
    const dead = await endpointOf(failing);
    const gone = await endpointOf((_message, response) => response.writeHead(410).end());
    await auth.webhooks.publish({ type: "a", data: {} });
    for (let tries = 0; tries < 3; tries += 1) {
      await auth.webhooks.deliverDue();
      auth.clock.advance("80m");
    }
    expect(await auth.webhooks.find(dead.endpoint.id)).toMatchObject({
      state: "disabled",
      disabledReason: expect.stringContaining("too long"),
    });
    expect(await auth.webhooks.find(gone.endpoint.id)).toMatchObject({ state: "disabled", disabledReason: "it answered 410" });
    expect(gone.receiver.received).toHaveLength(1);
    const events = await auth.audit.list({ action: "webhook.disabled" });
    expect(new Set(events.map(({ credentialId }) => credentialId))).toEqual(new Set([dead.endpoint.id, gone.endpoint.id]));
    await auth.webhooks.send(dead.endpoint.id, { type: "b", data: {} });
    expect(await auth.webhooks.deliverDue()).toBe(0);
    expect(await auth.webhooks.enable(dead.endpoint.id)).toBe(true);
    expect(await auth.webhooks.deliverDue()).toBeGreaterThan(0);
  });

  test("forgives an endpoint at the first success", async () => {
    await gate({}, { retries: ["1h", "1h"], disableAfter: "90m" });
    let healthy = false;
    const { endpoint } = await endpointOf((message, response) => (healthy ? ok : failing)(message, response));
    const sendNow = async () => {
      await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
      await auth.webhooks.deliverDue();
    };
    await sendNow();
    expect((await auth.webhooks.find(endpoint.id))!.failingSince).toBe(auth.clock.now());
    healthy = true;
    auth.clock.advance("1h");
    await sendNow();
    expect((await auth.webhooks.find(endpoint.id))!.failingSince).toBeUndefined();
  });

  test("is not led inside, to a redirect, or to a false certificate [attack:WH-06]", async () => {
    const target = await receiverOf();
    await gate({ issuer: "https://auth.example.com" });
    for (const url of ["http://hooks.example.com", "https://user:pass@hooks.example.com", "ftp://x", "nothing", "https://"])
      await expect(auth.webhooks.create({ url, events: ["*"] })).rejects.toThrow(/^url: /);
    const reasonFor = async (url: string) => {
      const { endpoint } = await auth.webhooks.create({ url, events: ["never"] });
      await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
      await auth.webhooks.deliverDue();
      return (await auth.webhooks.deliveries({ endpoint: endpoint.id }))[0]!.lastError!.split(":")[0];
    };
    for (const host of ["127.0.0.1", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "0.0.0.0", "localhost", "2130706433"])
      expect([host, await reasonFor(`https://${host}:${new URL(target.url).port}/`)]).toEqual([host, "address"]);
    expect(target.received).toEqual([]);

    await gate();
    const redirecting = await receiverOf((_message, response) => response.writeHead(302, { location: target.url }).end());
    expect(await reasonFor(redirecting.url)).toBe("answered 302");
    expect(target.received).toEqual([]);
    expect(await reasonFor(target.url.replace("http:", "https:"))).toBe("network");
    expect(await reasonFor("http://169.254.169.254/latest/meta-data")).toBe("address");
  });

  test.each<[string, Answer]>([
    ["endless", endless],
    ["compressed, unasked", (_message, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("thank you"))],
    ["never finished", (_message, response) => response.writeHead(202, { "content-length": "100" }).write("thank")],
    ["broken off", (_message, response) => response.writeHead(200).write("thank", () => response.socket!.destroySoon())],
  ])("is delivered once it is answered 2xx, be the rest %s [attack:WH-06]", async (_name, answer) => {
    await gate({}, { timeout: "300ms" });
    const { endpoint } = await endpointOf(answer);
    await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
    await auth.webhooks.deliverDue();
    expect(await auth.webhooks.deliveries({ endpoint: endpoint.id })).toMatchObject([{ state: "delivered", attempts: 1 }]);
  });

  test("one that stalls does not keep the others waiting [attack:WH-06]", async () => {
    await gate({}, { timeout: "300ms", atOnce: 4, retries: ["1s"] });
    const sockets: Socket[] = [];
    const silent = createTcpServer((socket) => void sockets.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => silent.close(resolve));
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const stalled = await auth.webhooks.create({ url, events: ["never"] });
    await auth.webhooks.send(stalled.endpoint.id, { type: "a", data: {} });
    await auth.webhooks.deliverDue();
    auth.clock.advance("2s");
    // It is known to fail by now: of ten messages one is tried, beside all of the others.
    for (let number = 0; number < 10; number += 1) await auth.webhooks.send(stalled.endpoint.id, { type: "a", data: { number } });
    const { endpoint, receiver } = await endpointOf();
    for (let number = 0; number < 10; number += 1) await auth.webhooks.send(endpoint.id, { type: "a", data: { number } });
    const draining = auth.webhooks.deliverDue();
    await receiver.atLeast(10);
    const tried = (await auth.webhooks.deliveries({ endpoint: stalled.endpoint.id })).filter(({ attempts }) => attempts > 0);
    expect(tried.length).toBeLessThanOrEqual(3);
    await draining;
  });

  test("an endpoint that another node has deleted stops no act and no message that this one still has for it", async () => {
    await gate();
    const { endpoint } = await endpointOf();
    const { receiver } = await endpointOf();
    const other = await testLatchkey({ ...auth.options, clock: auth.clock, store: auth.store, webhooks: { deliver: false } });
    expect(await other.webhooks.delete(endpoint.id)).toBe(true);
    const { id } = await auth.users.create({ email: "ada@example.com" });
    expect(await auth.users.disable(id)).toBe(true);
    expect(await auth.webhooks.publish({ type: "invoice.paid", data: {} })).toBe(1);
    await auth.webhooks.deliverDue();
    expect(receiver.received.map(({ body }) => (JSON.parse(body) as { type: string }).type).toSorted()).toEqual([
      "invoice.paid",
      "user.created",
      "user.disabled",
    ]);
    expect(await auth.webhooks.send(endpoint.id, { type: "a", data: {} })).toBeUndefined();
  });

  test("is sent by one of two nodes, never by both at once", async () => {
    await gate();
    const { receiver } = await endpointOf();
    const other = await testLatchkey({ ...auth.options, clock: auth.clock, store: auth.store, webhooks: { deliver: false } });
    for (let number = 0; number < 40; number += 1) await auth.webhooks.publish({ type: "a", data: { number } });
    const tries = await Promise.all([auth.webhooks.deliverDue(), other.webhooks.deliverDue()]);
    expect(tries[0] + tries[1]).toBe(40);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(40);
    expect(receiver.received).toHaveLength(40);
  });

  test("removes an endpoint with its deliveries, and says so in the audit log", async () => {
    await gate();
    const { endpoint } = await endpointOf();
    await auth.webhooks.send(endpoint.id, { type: "a", data: {} });
    expect(await auth.webhooks.delete(endpoint.id)).toBe(true);
    expect(await auth.webhooks.delete(endpoint.id)).toBe(false);
    expect(await auth.webhooks.deliveries()).toEqual([]);
    expect(await auth.webhooks.list()).toEqual([]);
    const actions = (await auth.audit.list({})).map(({ action }) => action).filter((action) => action.startsWith("webhook."));
    expect(actions).toEqual(["webhook.deleted", "webhook.created"]);
  });

  test("refuses what cannot be sent", async () => {
    await gate();
    const { endpoint } = await endpointOf();
    for (const event of [
      { type: "a b", data: {} },
      { type: "a..b", data: {} },
      { type: "a", data: [] },
      { type: "a", data: {}, id: "x y" },
      { type: "a", data: { text: "x".repeat(300_000) } },
    ])
      await expect(auth.webhooks.send(endpoint.id, event as never)).rejects.toMatchObject({ code: "LATCHKEY_OPTION_INVALID" });
    for (const events of [[], ["a b"], "user.created"])
      await expect(auth.webhooks.create({ url: "http://127.0.0.1/", events: events as never })).rejects.toThrow(/^events: /);
  });
}

describe("webhooks sent, on SQLite", () => {
  suite(() => Promise.resolve(sqlite(":memory:")));
});
describeWithPostgres("webhooks sent, on PostgreSQL", () => {
  const empty = postgresForEach();
  suite(async () => patientPostgres(await empty()));
});

describe("the options of webhooks", () => {
  test("are checked when the gate is built", async () => {
    for (const webhooks of [{ timeout: "2m" }, { retries: ["soon"] }, { atOnce: 0 }, { keep: "400d" }, { disableAfter: "0" }])
      await expect(testLatchkey({ webhooks })).rejects.toThrow(/^webhooks\./);
  });
});
