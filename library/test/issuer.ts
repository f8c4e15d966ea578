// A Latchkey that issues tokens, behind HTTP on a port of its own; and what it is asked.
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { mount } from "latchkey/node";
import { testLatchkey, type TestLatchkey, type TestLatchkeyOptions } from "latchkey/testing";

export interface ListeningIssuer {
  readonly auth: TestLatchkey;
  readonly url: string;
  /** Method, path and status of each request, oldest first. */
  readonly asked: string[];
  /** Answers instead of the issuer, until undefined. */
  instead: RequestListener | undefined;
  /** The issuer's own answer. */
  readonly usual: RequestListener;
  close(): Promise<void>;
}

export async function listeningIssuer(options: TestLatchkeyOptions = {}): Promise<ListeningIssuer> {
  const asked: string[] = [];
  let listener: RequestListener | undefined;
  const server = createServer((request, response) => {
    response.once("close", () => asked.push(`${request.method} ${request.url} ${response.statusCode}`));
    (made.instead ?? listener!)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const auth = await testLatchkey({ issuer: url, ...options });
  listener = mount(auth);
  const made: ListeningIssuer = {
    auth,
    url,
    asked,
    instead: undefined,
    usual: listener,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
    },
  };
  return made;
}
