import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Latchkey } from "latchkey";
import { mount } from "latchkey/node";

/** The HTTP side: Latchkey's endpoints first, by the shortest way; then the server's own. */
export function createListener(auth: Latchkey): Server {
  const endpoints = mount(auth);
  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    (request, response) => endpoints(request, response, () => own(auth, request, response)),
  );
  server.maxConnections = 10_000;
  return server;
}

function own(auth: Latchkey, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (path === "/healthz") return answer(response, 200, { status: "up" });
  if (path !== "/readyz") return answer(response, 404, { title: "There is nothing at this path.", status: 404, code: "http.not-found" });
  auth.ping().then(
    () => answer(response, 200, { status: "ready" }),
    () => answer(response, 503, { status: "the store does not answer" }, { "retry-after": "1" }),
  );
}

function answer(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  const type = status === 404 ? "application/problem+json; charset=utf-8" : "application/json; charset=utf-8";
  response.writeHead(status, { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers });
  response.end(JSON.stringify(value));
}
