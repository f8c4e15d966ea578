import type { FastifyInstance } from "fastify";
import type { Gate } from "../../contracts/index.ts";
import { NodeRequestView } from "../node/index.ts";
import { sendAnswer, sendFault } from "./answer.ts";

/**
 * Latchkey's own endpoints as a plugin: `app.register(mount(auth), { prefix: "/auth" })`. Its context is its own, and
 * parses no body: Latchkey reads the stream itself, within its own limit, whatever parsers the app has.
 */
export function mount(auth: Gate) {
  return (instance: FastifyInstance, _options: object, done: (error?: Error) => void): void => {
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null));
    const depth = instance.prefix.split("/").length - 1;
    instance.all("/*", async (request, reply) => {
      const view = new NodeRequestView(request.raw, withoutSegments(request.raw.url ?? "/", depth));
      try {
        const answer = await auth.handle(view);
        return answer === undefined ? reply.callNotFound() : sendAnswer(request, reply, answer);
      } catch (error) {
        return sendFault(auth, request, reply, error, view.requestId);
      }
    });
    done();
  };
}

/** The target below a prefix of so many segments; by number, since a prefix may hold parameters. */
function withoutSegments(target: string, count: number): string {
  let start = 0;
  for (let index = 0; index < count; index += 1) {
    const next = target.indexOf("/", start + 1);
    if (next === -1) return "/";
    start = next;
  }
  return target.slice(start);
}
