import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Latchkey } from "latchkey";
import { mount, NodeRequestView } from "latchkey/node";

/** Limits that keep slow or endless clients from holding the server (milliseconds and bytes). */
const limits = { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 };

/** The HTTP side: Latchkey's endpoints first, by the shortest way; then the server's own. Foreign hosts are refused. */
export function createListener(auth: Latchkey, issuer: string): Server {
  const endpoints = mount(auth);
  const issuerHost = new URL(issuer).host;
  const server = createServer(limits, (request, response) => {
    if (!isOurs(request.headers.host, issuerHost))
      return problem(request, response, 421, "http.foreign-host", "This server does not answer for that host.");
    endpoints(request, response, () => own(auth, request, response));
  });
  server.maxConnections = 10_000;
  server.on("clientError", refuseMalformed);
  return server;
}

/** The issuer's host, or a loopback name with any port. */
function isOurs(host: string | undefined, issuerHost: string): boolean {
  return host !== undefined && (host === issuerHost || /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(host));
}

function own(auth: Latchkey, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "/").split("?", 1)[0];
  if (path !== "/healthz" && path !== "/readyz") return problem(request, response, 404, "http.not-found", "There is nothing at this path.");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return problem(request, response, 405, "http.method-not-allowed", "This path does not answer that method.");
  }
  if (path === "/healthz") return answer(request, response, 200, "application/json", { status: "up" });
  auth.ping().then(
    () => answer(request, response, 200, "application/json", { status: "ready" }),
    () => {
      response.setHeader("retry-after", "1");
      problem(request, response, 503, "unavailable", "The store does not answer.");
    },
  );
}

function problem(request: IncomingMessage, response: ServerResponse, status: number, code: string, title: string): void {
  const { requestId } = new NodeRequestView(request);
  response.setHeader("x-request-id", requestId);
  answer(request, response, status, "application/problem+json", { type: `urn:latchkey:${code}`, title, status, code, requestId });
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, type: string, value: unknown): void {
  response.writeHead(status, {
    "content-type": `${type}; charset=utf-8`,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : JSON.stringify(value));
}

/** What is no HTTP, or too slow, or too large, is told so in one answer, and the connection is closed. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const body = JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json; charset=utf-8\r\ncache-control: no-store\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
