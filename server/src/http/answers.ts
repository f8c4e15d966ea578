import type { IncomingMessage, ServerResponse } from "node:http";
import { NodeRequestView, writeAnswer } from "latchkey/node";

/** An answer of the server itself: with a request id, never cached, never sniffed, and HEAD without a body. */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  { requestId } = new NodeRequestView(request),
): void {
  writeAnswer(request, response, {
    status,
    headers: { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" },
    body: text,
    requestId,
  });
}

export function answerJson(request: IncomingMessage, response: ServerResponse, value: unknown): void {
  answer(request, response, 200, "application/json; charset=utf-8", JSON.stringify(value));
}

/** A problem document (RFC 9457) with a request id. */
export function problem(request: IncomingMessage, response: ServerResponse, status: number, code: string, title: string): void {
  const view = new NodeRequestView(request);
  const { requestId } = view;
  const document = { type: `urn:latchkey:${code}`, title, status, code, requestId };
  answer(request, response, status, "application/problem+json; charset=utf-8", JSON.stringify(document), view);
}
