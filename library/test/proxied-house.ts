// A gate behind a proxy, and an API in Python behind both: what the tests of the examples for proxies share.
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey } from "latchkey/testing";
import { freePort } from "./engines.ts";

/** What the client is answered, and what the API says that it got. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: {
    readonly hello: string | null;
    readonly scopes: string[];
    readonly roles: string[];
    readonly received: [string, string][];
  };
}

export interface ProxiedHouse {
  readonly auth: TestLatchkey;
  readonly issuer: string;
  /** Where the proxy is to listen, the gate does, and the API does. */
  readonly port: number;
  readonly gatePort: number;
  readonly apiPort: string;
  /** Somebody, and a key of hers with the scope `orders:read`. */
  readonly ada: string;
  readonly key: string;
  /** Asks the proxy. By node:http, which sends what it is told: fetch forbids some names. */
  ask(path: string, headers?: Record<string, string | string[]>, method?: string, body?: string): Promise<Told>;
  /** Stops the gate, and starts it again. */
  shut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Everything but the proxy. `api`: the program in Python. */
export async function proxiedHouse(api: string): Promise<ProxiedHouse> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const auth = await testLatchkey({ issuer, trustProxy: ["127.0.0.1"] });
  const gate = createServer(mount(auth));
  const listen = (at: number) => new Promise<void>((resolve) => gate.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const { port: gatePort } = gate.address() as AddressInfo;
  const program = spawn("python3", [api, "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const apiPort = await new Promise<string>((resolve) =>
    program.stdout.once("data", (chunk: Buffer) => resolve(/port (\d+)/.exec(chunk.toString())![1]!)),
  );
  const { id: ada } = await auth.users.create({ email: "ada@example.com" });
  const { key } = await auth.apiKeys.issue({ name: "ci", owner: ada, scopes: ["orders:read"] });
  const shut = async (): Promise<void> => {
    gate.closeAllConnections();
    await new Promise((resolve) => gate.close(resolve));
  };
  return {
    auth,
    issuer,
    port,
    gatePort,
    apiPort,
    ada,
    key,
    ask: (path, headers = {}, method = "GET", body = "") =>
      new Promise((resolve, reject) => {
        const all = { host: `localhost:${port}`, ...headers };
        const sent = request({ port, host: "127.0.0.1", path, method, headers: all }, (answer) => {
          let text = "";
          answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
          answer.on("end", () => {
            const isJson = answer.headers["content-type"]?.includes("json") === true;
            resolve({ status: answer.statusCode!, headers: answer.headers, body: (isJson ? JSON.parse(text) : {}) as Told["body"] });
          });
        });
        sent.on("error", reject);
        sent.end(body);
      }),
    shut,
    open: () => listen(gatePort),
    async close() {
      program.kill();
      await shut();
      await auth.close();
    },
  };
}

/** The values of a header as the API got it, in whichever form it was written. */
export const received = ({ body }: Told, name: string): string[] =>
  body.received.filter(([header]) => header.toLowerCase().replaceAll("_", "-") === name).map(([, value]) => value);
