// @ts-check
// The load: keep-alive connections that each send a request when the answer to the last one is complete. No pipelining.
// Written by hand so that it costs less than any server it asks; what the server spends is told by the server itself.
import { connect } from "node:net";
import { webhookSigner } from "./webhook-signer.mjs";

/** @typedef {import("../subject.ts").BenchRequest} BenchRequest */

/** @type {Map<string, { port: number, requests: (() => Buffer)[], next: number }>} */
const targets = new Map();

/** @param {BenchRequest} request @param {number} port */
function bytesOf({ method = "GET", path, headers = {}, body }, port) {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: localhost:${port}`, "Accept: */*", "User-Agent: latchkey-bench"];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/** What is sent for a request, each time it is its turn. @param {BenchRequest} request @param {number} port @returns {() => Buffer} */
function senderOf(request, port) {
  const { webhookSecret, headers = {}, body = "" } = request;
  if (webhookSecret !== undefined) {
    const sign = webhookSigner(webhookSecret);
    return () => bytesOf({ ...request, headers: { ...headers, ...sign(body) } }, port);
  }
  const bytes = bytesOf(request, port);
  return () => bytes;
}

/**
 * Where the answer at the start of the text ends; -1: not complete yet.
 * @param {string} text
 */
function endOfAnswer(text) {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return -1;
  const fields = text.slice(0, head).toLowerCase();
  const at = fields.indexOf("\r\ncontent-length:");
  if (at !== -1) {
    const end = head + 4 + Number.parseInt(fields.slice(at + 17), 10);
    return text.length >= end ? end : -1;
  }
  if (fields.includes("\r\ntransfer-encoding: chunked")) {
    const last = text.indexOf("0\r\n\r\n", head + 2);
    return last === -1 ? -1 : last + 5;
  }
  return head + 4;
}

/** @param {{ target: string, connections: number, count?: number, ms?: number, sleeps?: boolean }} order `sleeps`: where it shares the cores of what it asks */
async function fire({ target, connections, count = Infinity, ms = Infinity, sleeps = false }) {
  const aim = targets.get(target);
  if (aim === undefined) throw new Error(`Nothing is known of ${target}.`);
  const started = performance.now();
  const endsAt = started + ms;
  const result = { sent: 0, answered: 0, wrong: 0, firstWrong: "" };
  /** @returns {Buffer | undefined} */
  const nextRequest = () => {
    // However slow it is, every connection asks once.
    if (result.sent >= count || (performance.now() >= endsAt && result.sent >= connections)) return undefined;
    result.sent += 1;
    aim.next = aim.next + 1 === aim.requests.length ? 0 : aim.next + 1;
    return aim.requests[aim.next]?.();
  };
  let firing = !sleeps;
  // Never falls asleep: to wake a sleeping core costs whoever writes to it, and a slow subject would pay that more often.
  const stayAwake = () => void (firing && setImmediate(stayAwake));
  stayAwake();
  await Promise.all(Array.from({ length: connections }, () => talk(aim.port, nextRequest, result)));
  firing = false;
  return { answered: result.answered, wrong: result.wrong, firstWrong: result.firstWrong, ms: performance.now() - started };
}

/** One connection. @param {number} port @param {() => Buffer | undefined} nextRequest @param {{ answered: number, wrong: number, firstWrong: string }} result */
function talk(port, nextRequest, result) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let text = "";
    const send = () => {
      const request = nextRequest();
      if (request === undefined) socket.end();
      else socket.write(request);
    };
    socket.setEncoding("latin1");
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      text = text === "" ? String(chunk) : text + chunk;
      const end = endOfAnswer(text);
      if (end === -1) return;
      result.answered += 1;
      if (!text.startsWith("HTTP/1.1 200 ")) {
        result.wrong += 1;
        result.firstWrong ||= text.slice(0, 400);
      }
      text = text.slice(end);
      send();
    });
    socket.on("error", reject);
    socket.on("close", resolve);
  });
}

/** @param {any} message */
function obey(message) {
  if (message.aim === undefined) return fire(message.fire);
  const { target, port, requests } = message.aim;
  targets.set(target, { port, requests: requests.map((/** @type {BenchRequest} */ request) => senderOf(request, port)), next: -1 });
  return { ready: true };
}

process.on("message", (message) => {
  void Promise.resolve(obey(message)).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit());
