import type { FastifyReply, FastifyRequest } from "fastify";
import type { Answer, Gate } from "../../contracts/index.ts";
import { faultAnswer } from "../../http/index.ts";

/** Sends an answer through Fastify, so that its onSend hooks see it. A connection with an unread body is closed after it. */
export function sendAnswer(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { raw } = request;
  const hasBody = raw.headers["content-length"] !== undefined || raw.headers["transfer-encoding"] !== undefined;
  if (hasBody && !raw.complete) reply.header("connection", "close");
  if (answer.requestId !== undefined) reply.header("x-request-id", answer.requestId);
  return reply
    .code(answer.status)
    .headers(answer.headers as Record<string, string | string[]>)
    .send(answer.body);
}

/** The last resort: whatever was thrown becomes 503 and goes to `onFault`, and nobody is let in. */
export function sendFault(auth: Gate, request: FastifyRequest, reply: FastifyReply, error: unknown, requestId: string): FastifyReply {
  auth.report(error, requestId);
  return sendAnswer(request, reply, faultAnswer(error, requestId));
}
