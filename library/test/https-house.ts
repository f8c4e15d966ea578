// A gate behind an https server that asks for client certificates, and `fetch` with one of them.
import { type RequestListener } from "node:http";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type MtlsOptions, mtls } from "latchkey/mtls";
import { mount } from "latchkey/node";
import { testClock, testLatchkey, type TestLatchkey } from "latchkey/testing";
import type { MadeCertificate } from "./certificates.ts";

export interface HttpsHouse {
  readonly auth: TestLatchkey;
  readonly url: string;
  /** `fetch` on a connection of its own, with this certificate. */
  fetchWith(shown?: MadeCertificate): (url: string | URL, init?: object) => Promise<Response>;
  close(): Promise<void>;
}

export async function httpsHouse(
  identity: MadeCertificate,
  trusted: MadeCertificate,
  options: MtlsOptions,
  more: Parameters<typeof testLatchkey>[0] = {},
): Promise<HttpsHouse> {
  let handler: RequestListener = (_request, response) => response.end();
  const tls = { key: identity.key, cert: identity.cert, ca: options.ca as string, requestCert: true, rejectUnauthorized: false };
  const server: Server = createServer(tls, (asked, response) => handler(asked, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const auth = await testLatchkey({ clock: testClock(Date.now() + 600_000), issuer: url, methods: [mtls(options)], ...more });
  handler = mount(auth);
  return {
    auth,
    url,
    fetchWith: (shown) => (target, init) => fetchByTls(String(target), trusted.cert, shown, init),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await auth.close();
    },
  };
}

function fetchByTls(url: string, ca: string, shown: MadeCertificate | undefined, init: RequestInit = {}): Promise<Response> {
  const headers = Object.fromEntries(new Headers(init.headers));
  const body = init.body instanceof URLSearchParams ? init.body.toString() : ((init.body ?? "") as string);
  if (init.body instanceof URLSearchParams) headers["content-type"] ??= "application/x-www-form-urlencoded";
  const identity = shown === undefined ? {} : { key: shown.key, cert: shown.cert };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: init.method ?? "GET", headers, ca, agent: false, ...identity }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => {
        const answered = Object.entries(answer.headers).flatMap(([name, value]) =>
          [value ?? []].flat().map((one) => [name, one] as [string, string]),
        );
        resolve(new Response(parts.length === 0 ? null : Buffer.concat(parts), { status: answer.statusCode!, headers: answered }));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
