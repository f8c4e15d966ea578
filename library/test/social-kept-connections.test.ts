// Providers are asked over connections that are kept, and that the provider may close at any moment: also at the one at which it is asked again.
import { createServer, globalAgent, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { oauth2 } from "latchkey/providers";
import { beginAt, openSocial, type SocialHouse, told, type Told } from "./social-house.ts";

let server: Server;
let base: string;
let house: SocialHouse;
/** Each request: what it was for, and the how many-th of its connection. */
let asked: { readonly path: string; readonly nth: number; readonly body: string }[];
/** What a connection does on which this request comes; undefined: the usual answer. */
let instead: ((request: IncomingMessage, nth: number) => ((socket: Socket, response: ServerResponse) => void) | undefined) | undefined;
const sockets = new Set<Socket>();

beforeEach(async () => {
  asked = [];
  instead = undefined;
  const nths = new WeakMap<Socket, number>();
  server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const nth = (nths.get(request.socket) ?? 0) + 1;
    nths.set(request.socket, nth);
    const act = instead?.(request, nth);
    if (act !== undefined) {
      asked.push({ path: request.url!, nth, body: "" });
      return act(request.socket, response);
    }
    void answer(request, response, nth);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  house = await openSocial({
    providers: [
      oauth2({
        id: "plain",
        name: "Plain",
        clientId: "latchkey",
        clientSecret: "a client secret of the provider",
        endpoints: { authorization: `${base}/authorize`, token: `${base}/token`, userinfo: `${base}/user` },
        profile: () => ({ subject: "1", email: "ada@example.com", emailVerified: true, name: "Ada" }),
        timeoutMs: 1_000,
      }),
    ],
    limits: { signInAddress: "off" },
  });
});
afterEach(async () => {
  await house.auth.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function answer(request: IncomingMessage, response: ServerResponse, nth: number): Promise<void> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  asked.push({ path: request.url!, nth, body });
  const json = request.url === "/token" ? { access_token: "an access token", token_type: "Bearer" } : { id: 1 };
  response.setHeader("content-type", "application/json").end(JSON.stringify(json));
}

/** A whole sign-in: a code is redeemed, a profile is read. */
async function signIn(): Promise<Told> {
  const one = house.visitor();
  const state = new URL(await beginAt(one, "plain")).searchParams.get("state")!;
  return told(await one.ask("GET", `/login/plain/callback?${new URLSearchParams({ code: "a code", state }).toString()}`));
}

const paths = () => asked.map(({ path }) => path);
/** Only on connections that were used before. */
const reused = (path: string, act: (socket: Socket, response: ServerResponse) => void) => {
  instead = (request, nth) => (request.url === path && nth > 1 ? act : undefined);
};

describe("a kept connection", () => {
  test("is used again", async () => {
    expect(await signIn()).toMatchObject({ status: 303 });
    expect(await signIn()).toMatchObject({ status: 303 });
    expect(asked.map(({ nth }) => nth)).toEqual([1, 2, 3, 4]);
  });

  test.each(["/token", "/user"])("that is reset as %s is asked costs no sign-in: it is asked once more on a fresh one", async (path) => {
    await signIn();
    asked = [];
    reused(path, (socket) => socket.resetAndDestroy());
    expect(await signIn()).toMatchObject({ status: 303 });
    expect(asked.filter((one) => one.path === path).map(({ nth }) => nth > 1)).toEqual([true, false]);
  });

  test("that is closed in order as it is asked costs none either, and the code that is sent again is the same", async () => {
    await signIn();
    asked = [];
    reused("/token", (socket) => socket.end());
    expect(await signIn()).toMatchObject({ status: 303 });
    expect(paths()).toEqual(["/token", "/token", "/user"]);
    expect(new URLSearchParams(asked[1]!.body).get("code")).toBe("a code");
  });

  test("is not tried after another that was closed with it: the second try is on a fresh one", async () => {
    await Promise.all([signIn(), signIn(), signIn()]);
    expect(sockets.size).toBeGreaterThan(1);
    asked = [];
    reused("/token", (socket) => socket.resetAndDestroy());
    expect(await signIn()).toMatchObject({ status: 303 });
    expect(asked.map(({ path, nth }) => [path, nth > 1]).slice(0, 2)).toEqual([
      ["/token", true],
      ["/token", false],
    ]);
  });
});

describe("nothing is sent twice", () => {
  const unavailable = { code: "LATCHKEY_PROVIDER_UNAVAILABLE" };

  test("when the connection was fresh", async () => {
    instead = () => (socket) => void socket.resetAndDestroy();
    await expect(signIn()).rejects.toMatchObject(unavailable);
    expect(paths()).toEqual(["/token"]);
  });

  test.each<[string, (socket: Socket, response: ServerResponse) => void]>([
    ["a piece of an answer", (socket) => void socket.write("HTTP/1.1 2", () => socket.resetAndDestroy())],
    ["a hint that there will be one", (socket) => void socket.write("HTTP/1.1 103 Early Hints\r\n\r\n", () => socket.resetAndDestroy())],
    [
      "half an answer",
      (socket, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
        response.write("{", () => socket.resetAndDestroy());
      },
    ],
  ])("when %s had come", async (_, act) => {
    await signIn();
    asked = [];
    // A reset throws away what was not read yet: it comes a moment later.
    reused("/token", (socket, response) =>
      act(Object.assign(socket, { resetAndDestroy: () => setTimeout(() => socket.destroy(), 50) }) as Socket, response),
    );
    await expect(signIn()).rejects.toMatchObject(unavailable);
    expect(paths()).toEqual(["/token"]);
  });

  test("when it fails a second time", async () => {
    await signIn();
    asked = [];
    instead = () => (socket) => void socket.resetAndDestroy();
    await expect(signIn()).rejects.toMatchObject(unavailable);
    expect(asked.map(({ path, nth }) => [path, nth > 1])).toEqual([
      ["/token", true],
      ["/token", false],
    ]);
  });

  test("when no answer comes: time is not a reason", async () => {
    await signIn();
    asked = [];
    instead = () => () => undefined;
    await expect(signIn()).rejects.toMatchObject(unavailable);
    expect(paths()).toEqual(["/token"]);
  });
});

test("connections to providers are nobody else's, and end with the house", async () => {
  const shared = globalAgent.freeSockets;
  await signIn();
  expect(Object.keys(shared)).toEqual([]);
  expect(sockets.size).toBe(1);
  await house.auth.close();
  // Each is one turn of the network, of which an end takes few; left alone, idle ones would stay for seconds.
  for (let turn = 0; turn < 50 && sockets.size > 0; turn += 1) await fetch(`${base}/turn`, { headers: { connection: "close" } });
  expect(sockets.size).toBe(0);
});
