import type { AddressInfo } from "node:net";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createListener, type Listener } from "../src/http/index.ts";
import { sendRaw } from "./program.ts";

let listener: Listener | undefined;
let sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  listener?.server.closeAllConnections();
  listener?.server.close();
});

async function listening(limits: Parameters<typeof createListener>[0]): Promise<number> {
  listener = createListener(limits);
  listener.answerWith((request, response) => {
    request.resume();
    request.on("end", () => response.end(request.url === "/large" ? Buffer.alloc(32 * 1024 * 1024) : "served"));
  });
  await new Promise<void>((resolve) => listener!.server.listen(0, "127.0.0.1", resolve));
  return (listener.server.address() as AddressInfo).port;
}

/** A client that sends this and then nothing more; resolves with what it got when it is closed. */
function slow(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    sockets.push(socket);
    let text = "";
    socket.on("data", (chunk) => (text += chunk)).on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

const served = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

describe("slow clients [attack:HT-01]", () => {
  test("that never finish their headers are told 408 and closed, while others are served", async () => {
    const port = await listening({ headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 });
    const waiting = Array.from({ length: 500 }, () => slow(port, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
    expect(await sendRaw(port, served)).toMatch(/served$/);
    for (const text of await Promise.all(waiting)) expect(text).toMatch(/^HTTP\/1.1 408 /);
  });

  test("that never finish their body are told 408 and closed", async () => {
    const port = await listening({ headersTimeout: 200, requestTimeout: 400, connectionsCheckingInterval: 50 });
    expect(await slow(port, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nab")).toMatch(/^HTTP\/1.1 408 /);
  });

  test("that never say anything, or never read, are closed", async () => {
    const port = await listening({ idleTimeout: 200, connectionsCheckingInterval: 50 });
    expect(await slow(port, "")).toBe("");
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    const closed = new Promise((resolve) => listener!.server.once("connection", (peer) => peer.once("close", () => resolve("closed"))));
    // More than the buffers of the system hold, and nobody takes it.
    socket.pause();
    socket.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await closed).toBe("closed");
  });

  test("meet limits that the server sets by itself, none of them off", async () => {
    await listening({});
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = listener!.server;
    // 0, and Infinity for connections, are Node's words for none.
    for (const limit of [headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections]) expect(limit).toBeGreaterThan(0);
    expect(headersTimeout).toBeLessThanOrEqual(30_000);
    expect(requestTimeout).toBeLessThanOrEqual(60_000);
    expect(timeout).toBeLessThanOrEqual(120_000);
    expect(maxConnections).toBeLessThanOrEqual(100_000);
  });

  test("are turned away beyond the number of connections there may be", async () => {
    const port = await listening({ maxConnections: 5 });
    const dropped = new Promise((resolve) => listener!.server.once("drop", resolve));
    const held = Array.from({ length: 6 }, () => slow(port, "GET / HTTP/1.1\r\n"));
    await dropped;
    expect(await Promise.race(held)).toBe("");
  });
});

test("a stop answers what is under way and closes kept connections as they fall idle, not at the end of its time [attack:ST-08]", async () => {
  listener = createListener({ drainTimeout: 3_600_000 });
  const { server, answerWith, drain } = listener;
  let answer: () => void = () => undefined;
  answerWith((request, response) => {
    if (request.url === "/") return void response.end("served");
    answer = () => response.end("served in the end");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const arrived = new Promise((resolve) => server.once("request", resolve));
  const kept = slow(port, "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await arrived;
  const drained = drain();
  await expect(sendRaw(port, served)).rejects.toThrow(/ECONNREFUSED/);
  answer();
  expect(await kept).toMatch(/served in the end$/);
  await drained;
});

test("requests that come before the server can answer wait for it", async () => {
  listener = createListener();
  const { server, answerWith } = listener;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const early = sendRaw((server.address() as AddressInfo).port, served);
  await new Promise((resolve) => server.once("request", resolve));
  answerWith((_request, response) => response.end("served"));
  expect(await early).toMatch(/served$/);
});
