import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Gate } from "../../contracts/index.ts";
import { faultAnswer } from "../../http/index.ts";

/** Writes an answer. A request whose body nobody read to its end is closed after it, so that the rest is not read as a request. */
export function writeAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent) return void response.destroy();
  const { body } = answer;
  const headers = answer.headers as Record<string, string | string[]>;
  if (!request.complete && hasBody(request)) response.setHeader("connection", "close");
  if (body === undefined) {
    response.writeHead(answer.status, headers);
    response.end();
    return;
  }
  // The new field first: copying into an object that has fields already is much slower the other way round.
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  response.writeHead(answer.status, { "content-length": length, ...headers });
  if (request.method === "HEAD") return void response.end();
  // As many bytes as characters: ASCII, which the cheapest encoding writes right.
  if (typeof body === "string" && length === body.length) return void response.end(body, "latin1");
  response.end(body);
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers["content-length"] !== undefined || request.headers["transfer-encoding"] !== undefined;
}

/** The last resort: whatever was thrown becomes 503 and goes to `onFault`, and nobody is let in. */
export function writeFault(
  auth: Pick<Gate, "report">,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): void {
  auth.report(error, requestId);
  writeAnswer(request, response, faultAnswer(error, requestId));
}
