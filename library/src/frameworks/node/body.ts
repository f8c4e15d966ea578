import type { IncomingMessage } from "node:http";
import { BodyTooLarge, Fault, RequestAborted } from "../../contracts/index.ts";

/** What a body parser leaves behind: Express and its middleware on the request, Fastify on its own. */
export interface ParsedBody {
  readonly body?: unknown;
  readonly rawBody?: unknown;
}

/**
 * The body's bytes, whoever comes first: a parser after us finds the stream as it was, and one before us leaves what it
 * made of it. Rejects with `BodyTooLarge`, with `RequestAborted`, and with a Fault when the bytes are gone.
 */
export function readNodeBody(request: IncomingMessage, parsed: ParsedBody, limitBytes: number): Promise<Uint8Array> {
  const raw = (request as ParsedBody).rawBody ?? parsed.rawBody;
  if (raw instanceof Uint8Array) return bounded(raw, limitBytes);
  if (typeof raw === "string") return bounded(Buffer.from(raw), limitBytes);
  if (parsed.body instanceof Uint8Array) return bounded(parsed.body, limitBytes);
  if (request.readableEnded || request.readableDidRead) return parsedAgain(request, parsed.body, limitBytes);
  const declared = declaredLength(request.rawHeaders);
  return declared > limitBytes ? Promise.reject(new BodyTooLarge(limitBytes)) : readStream(request, declared, limitBytes);
}

/** By the raw list: "headers" makes an object of all of them, for whoever asks first. Node has refused two that differ. */
function declaredLength(raw: readonly string[]): number {
  for (let index = 0; index < raw.length; index += 2)
    if (raw[index]!.length === 14 && raw[index]!.toLowerCase() === "content-length") return Number(raw[index + 1]);
  return Number.NaN;
}

/** Whether a parser has read the bytes and kept only what it understood. */
export function isParsed(request: IncomingMessage, parsed: ParsedBody): boolean {
  const raw = (request as ParsedBody).rawBody ?? parsed.rawBody;
  const kept = raw instanceof Uint8Array || typeof raw === "string" || parsed.body instanceof Uint8Array;
  return !kept && (request.readableEnded || request.readableDidRead);
}

export function parsedBefore(): Fault {
  return new Fault(
    "LATCHKEY_BODY_CONSUMED",
    "A signature covers the bytes of the body, and a parser read them before the guard. Put the guard before the parser, or keep them: express.json({ verify: (request, response, bytes) => { request.rawBody = bytes; } }).",
  );
}

function bounded(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  return bytes.length > limitBytes ? Promise.reject(new BodyTooLarge(limitBytes)) : Promise.resolve(bytes);
}

/** What a parser made of the body, written out again: the same fields, if not the same bytes. */
function parsedAgain(request: IncomingMessage, body: unknown, limitBytes: number): Promise<Uint8Array> {
  if (typeof body === "string") return bounded(Buffer.from(body), limitBytes);
  if (typeof body === "object" && body !== null) return bounded(Buffer.from(written(request, body)), limitBytes);
  const message =
    "Something read the request body before Latchkey and kept nothing of it. Mount Latchkey before it, or let it set req.body.";
  return Promise.reject(new Fault("LATCHKEY_BODY_CONSUMED", message));
}

function written(request: IncomingMessage, body: object): string {
  const form = (request.headers["content-type"] ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");
  return form ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body);
}

/**
 * Reads the stream and puts everything back into it. That must happen in the same turn in which the last byte was taken:
 * a stream that has told of its end takes nothing back. A short body comes with its headers, and is there as soon as Node
 * has worked off what it has read: then nothing need be listened to, which costs more than all the rest.
 */
function readStream(request: IncomingMessage, declared: number, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    process.nextTick(() => {
      // Whoever came first in this tick has it.
      if (request.destroyed) reject(new RequestAborted());
      else if (declared > 0 && request.readableLength === declared && !request.readableDidRead) resolve(readWhole(request));
      else listen(request, declared, limitBytes).then(resolve, reject);
    });
  });
}

/** All of it is in the buffer. */
function readWhole(request: IncomingMessage): Uint8Array {
  const bytes = request.read() as Buffer;
  request.unshift(bytes);
  return keepRaw(request, bytes);
}

/** For whoever needs the very bytes later: another guard, or a handler that checks a signature. */
function keepRaw(request: IncomingMessage, bytes: Uint8Array): Uint8Array {
  (request as { rawBody?: Uint8Array }).rawBody = bytes;
  return bytes;
}

function listen(request: IncomingMessage, declared: number, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const settle = (finish: () => void): void => {
      request.off("readable", read).off("end", ended).off("error", aborted).off("close", aborted);
      // After Node has noticed that nobody waits for "readable" any more: before, "data" listeners would get nothing.
      process.nextTick(finish);
    };
    const ended = (): void => {
      const bytes = keepRaw(request, Buffer.concat(chunks));
      settle(() => resolve(bytes));
    };
    const aborted = (cause?: unknown): void => settle(() => reject(new RequestAborted({ cause })));
    const read = (): void => {
      for (let chunk = request.read() as Buffer | null; chunk !== null; chunk = request.read() as Buffer | null) {
        length += chunk.length;
        if (length > limitBytes) return settle(() => reject(new BodyTooLarge(limitBytes)));
        chunks.push(chunk);
      }
      if (length === 0 || !(request.complete || length === declared)) return;
      request.unshift(Buffer.concat(chunks));
      ended();
    };
    request.on("readable", read).on("end", ended).on("error", aborted).on("close", aborted);
  });
}
