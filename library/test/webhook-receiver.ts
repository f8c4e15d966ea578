// What receives webhooks in tests: a server on a free port that keeps what it was sent, and answers as it is told.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Tries in quick succession; a lease ends two seconds after the try of a process that was killed. */
export const senderOptions = {
  issuer: "http://localhost:3000",
  secret: "one that all the processes have, of 32 bytes or more",
  webhooks: { timeout: "1s", retries: Array.from({ length: 40 }, () => "20ms") },
} as const;

export interface Received {
  readonly id: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves once so many have come. */
  atLeast(count: number): Promise<void>;
  close(): Promise<void>;
}

/** `answer` writes the answer, or none. */
export async function startReceiver(answer: (message: Received, response: ServerResponse) => void): Promise<Receiver> {
  const received: Received[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const message = { id: String(request.headers["webhook-id"]), body, headers: request.headers as Record<string, string> };
      received.push(message);
      answer(message, response);
      for (const { count, resolve } of waiting) if (received.length >= count) resolve();
      waiting = waiting.filter(({ count }) => received.length < count);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    atLeast: (count) => new Promise((resolve) => (received.length >= count ? resolve() : void waiting.push({ count, resolve }))),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
