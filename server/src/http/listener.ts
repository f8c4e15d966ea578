import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { problem } from "./answers.ts";

/** How long a client may take, in milliseconds, and how much it may hold. */
export interface ConnectionLimits {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  /** Nothing was sent or taken for this long, whatever is under way: for clients that never read. */
  readonly idleTimeout: number;
  /** How often the first two are looked at. */
  readonly connectionsCheckingInterval: number;
  readonly maxConnections: number;
  /** How long requests under way have when the server stops. */
  readonly drainTimeout: number;
}

const usual: ConnectionLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  idleTimeout: 75_000,
  connectionsCheckingInterval: 5_000,
  maxConnections: 10_000,
  drainTimeout: 10_000,
};

/** Node closes a kept connection when it has been idle for its time, also while it stops: we look ourselves. */
const idleLookMs = 20;

/** How long who was refused may take to hear of it. */
const lingerMs = 2_000;

/** Header fields of a request: browsers send about 20, and each proxy adds a few. */
const mostFields = 500;

export interface Listener {
  readonly server: Server | TlsServer;
  /** Hands over all requests, those that came before included. */
  answerWith(handler: RequestListener): void;
  /** Takes nothing new, answers what is under way, and resolves when all are gone; who takes longer than its time is cut off. */
  drain(): Promise<void>;
}

/**
 * The ear of the server. It may listen before anybody can answer: requests wait until then. Slow or endless clients do not
 * hold it, and what is no HTTP gets one answer. By https where it is told how.
 */
export function createListener(given: Partial<ConnectionLimits> = {}, tls?: TlsOptions): Listener {
  const { idleTimeout, maxConnections, drainTimeout, ...limits } = { ...usual, ...given };
  const early: Parameters<RequestListener>[] = [];
  const wait: RequestListener = (request, response) => void early.push([request, response]);
  const options = { ...limits, maxHeaderSize: 16 * 1024 };
  const server =
    tls === undefined ? createServer(options, wait) : process.getBuiltinModule("node:https").createServer({ ...options, ...tls }, wait);
  // Node leaves out what is beyond its number, as if it had not been sent: a second credential, or what a proxy says of its client.
  server.maxHeadersCount = 0;
  server.timeout = idleTimeout;
  server.maxConnections = maxConnections;
  server.on("clientError", refuseMalformed);
  server.on("connect", (_request, socket: Socket) => socket.end(rawProblem(405)));
  return {
    server,
    answerWith(answering) {
      const handler: RequestListener = (request, response) => {
        if (request.rawHeaders.length > 2 * mostFields)
          return problem(request, response, 431, "http.too-many-fields", `A request has at most ${mostFields} header fields here.`);
        const { "transfer-encoding": coding, "content-length": length } = request.headers;
        if (coding !== undefined || length !== undefined) expectBody(request, response);
        // Node hands it over before it finds that it cannot tell where the body ends (RFC 9112 s.6.1).
        if (!isFramed(coding)) return problem(request, response, 400, "http.framing", "Transfer-Encoding is chunked here, or not there.");
        return answering(request, response);
      };
      server.off("request", wait);
      server.on("request", handler);
      for (const [request, response] of early.splice(0)) handler(request, response);
    },
    drain: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), drainTimeout);
        const look = setInterval(() => server.closeIdleConnections(), idleLookMs);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(look);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

const isFramed = (coding: string | undefined): boolean => coding === undefined || coding.toLowerCase() === "chunked";

/** Who was refused, and may still be sending. */
const refused = new WeakSet<Socket>();
/** The last request of a connection that said it has a body: not kept for it, or an idle connection would keep the body. */
const withBody = new WeakMap<Socket, WeakRef<IncomingMessage>>();
const responses = new WeakMap<IncomingMessage, ServerResponse>();

function expectBody(request: IncomingMessage, response: ServerResponse): void {
  withBody.set(request.socket, new WeakRef(request));
  responses.set(request, response);
}

/** Whether what comes is still the body of a request that has its answer. Node keeps a request until its body has ended. */
function isAnswered(socket: Socket): boolean {
  const request = withBody.get(socket)?.deref();
  return request?.complete === false && responses.get(request)?.headersSent === true;
}

/**
 * What is no HTTP, or too slow, or too large, is told so in one answer, and the connection is closed: our side at once, the
 * other when the client has read it or its time is over. To a client that still sends, a connection that is gone is a reset,
 * which takes the answer with it. Where the body of a request turns out bad after its answer, there is no second one: a proxy
 * would take it for that of the next request.
 */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  // The rest of it, which is dropped.
  if (refused.has(socket)) return;
  // What failed in the handshake of TLS is nobody's to answer.
  if (!socket.writable) return void socket.destroy();
  refused.add(socket);
  const gone = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once("close", () => clearTimeout(gone));
  if (isAnswered(socket)) return void socket.end();
  socket.end(rawProblem(error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400));
}

function rawProblem(status: number): string {
  const body = JSON.stringify({ type: "about:blank", title: STATUS_CODES[status], status });
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/problem+json; charset=utf-8\r\ncache-control: no-store\r\n` +
    `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
  );
}
