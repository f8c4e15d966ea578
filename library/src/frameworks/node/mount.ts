import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, type Gate, isPromise } from "../../contracts/index.ts";
import { httpRefusals, refusalAnswer } from "../../http/index.ts";
import { NodeRequestView } from "./view.ts";
import { writeAnswer, writeFault } from "./write.ts";

/**
 * Latchkey's own endpoints as a request listener. What is for somebody else goes to `next`, or is answered 404 where there is
 * none. Synchronous for a warm credential.
 */
export function mount(auth: Gate): (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void) => void {
  return (request, response, next) => {
    const view = new NodeRequestView(request);
    const write = (answer: Answer | undefined): void => {
      if (answer !== undefined) return writeAnswer(request, response, answer);
      if (next !== undefined) return next();
      writeAnswer(request, response, refusalAnswer(httpRefusals["not-found"](), view.requestId));
    };
    const failed = (error: unknown) => writeFault(auth, request, response, error, view.requestId);
    try {
      const answer = auth.handle(view);
      if (isPromise(answer)) answer.then(write).catch(failed);
      else write(answer);
    } catch (error) {
      failed(error);
    }
  };
}
