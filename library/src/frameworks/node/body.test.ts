import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readNodeBody } from "./body.ts";

let server: Server;
let socket: Socket;
/** What came of each request: what was read first, and what a parser behind it finds in the stream. */
let read: Promise<{ readonly first: string; readonly again: string; readonly kept: unknown }>;
let told: () => void;
let asked: Promise<void>;

beforeEach(async () => {
  asked = new Promise((resolve) => (told = resolve));
  read = new Promise((resolve, reject) => {
    server = createServer((request, response) => {
      told();
      readTwice(request).then(
        (both) => {
          resolve(both);
          response.end();
        },
        (error: unknown) => {
          reject(error);
          response.writeHead(413).end();
        },
      );
    });
  });
  read.catch(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
});
afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

async function readTwice(request: IncomingMessage) {
  if (request.url === "/late") await new Promise((resolve) => request.on("error", () => undefined).once("close", resolve));
  const first = Buffer.from(await readNodeBody(request, {}, 10)).toString();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return { first, again: Buffer.concat(chunks).toString(), kept: (request as { rawBody?: Uint8Array }).rawBody };
}

const head = (fields: string, path = "/"): string => `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n`;
const whole = { first: "ten bytes.", again: "ten bytes.", kept: Buffer.from("ten bytes.") };

describe("a body is read, and is there for a parser behind the guard,", () => {
  test("when it comes with its headers", async () => {
    socket.write(`${head("Content-Length: 10")}ten bytes.`);
    expect(await read).toEqual(whole);
  });

  test("when it comes after them, in pieces", async () => {
    socket.write(head("content-LENGTH: 10"));
    await asked;
    socket.write("ten ");
    await new Promise((resolve) => setImmediate(resolve));
    socket.write("bytes.");
    expect(await read).toEqual(whole);
  });

  test("when a part of it comes with them", async () => {
    socket.write(`${head("Content-Length: 10")}ten `);
    await asked;
    socket.write("bytes.");
    expect(await read).toEqual(whole);
  });

  test("when nobody says how long it is", async () => {
    socket.write(`${head("Transfer-Encoding: chunked")}4\r\nten \r\n6\r\nbytes.\r\n0\r\n\r\n`);
    expect(await read).toEqual(whole);
  });

  test("when it is empty", async () => {
    socket.write(head("Content-Length: 0"));
    expect(await read).toMatchObject({ first: "", again: "" });
  });

  test("and the next request on the connection has its own", async () => {
    let answers = "";
    socket.on("data", (chunk) => (answers += chunk.toString()));
    socket.write(`${head("Content-Length: 10")}ten bytes.${head("Content-Length: 3")}two`);
    expect(await read).toEqual(whole);
    await expect.poll(() => answers.match(/HTTP\/1\.1 200 OK/g)?.length).toBe(2);
  });
});

describe("a body is not read", () => {
  test("when it says that it is too long", async () => {
    socket.write(`${head("Content-Length: 11")}ten bytes.!`);
    await expect(read).rejects.toThrow("10 bytes");
  });

  test("beyond the limit, when it does not say how long it is", async () => {
    socket.write(`${head("Transfer-Encoding: chunked")}4\r\nten \r\n7\r\nbytes.!\r\n0\r\n\r\n`);
    await expect(read).rejects.toThrow("10 bytes");
  });

  test("when the client goes away in the middle", async () => {
    socket.write(`${head("Content-Length: 10")}ten `);
    await asked;
    socket.destroy();
    await expect(read).rejects.toMatchObject({ name: "RequestAborted" });
  });

  test("when the client has gone away before anybody looks", async () => {
    socket.write(`${head("Content-Length: 10", "/late")}ten `);
    await asked;
    socket.destroy();
    await expect(read).rejects.toMatchObject({ name: "RequestAborted" });
  });
});
