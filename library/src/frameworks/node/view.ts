import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { BodyTooLarge, Fault, type RequestView } from "../../contracts/index.ts";
import { newRequestId } from "../../primitives/index.ts";

/**
 * A view of a Node request. Headers are read from the raw list: `req.headers` keeps only the first of two Authorization
 * lines and joins two X-API-Key lines, which would hide that there were two.
 */
export class NodeRequestView implements RequestView {
  readonly #request: IncomingMessage;
  readonly requestId = newRequestId();
  #body: Promise<Uint8Array> | undefined;

  /** What the client asked for, where a framework has changed `url` or a prefix must go. */
  readonly #target: string | undefined;

  constructor(request: IncomingMessage, target?: string) {
    this.#request = request;
    this.#target = target;
  }

  get method(): string {
    return this.#request.method ?? "GET";
  }

  get target(): string {
    return this.#target ?? this.#request.url ?? "/";
  }

  get peerAddress(): string {
    return this.#request.socket?.remoteAddress ?? "";
  }

  get encrypted(): boolean {
    return (this.#request.socket as Socket & { encrypted?: boolean })?.encrypted === true;
  }

  header(name: string): string | readonly string[] | undefined {
    const raw = this.#request.rawHeaders;
    let found: string | undefined;
    let all: string[] | undefined;
    for (let index = 0; index < raw.length; index += 2) {
      const candidate = raw[index]!;
      if (candidate.length !== name.length || (candidate !== name && candidate.toLowerCase() !== name)) continue;
      const value = raw[index + 1]!;
      if (found === undefined) found = value;
      else (all ??= [found]).push(value);
    }
    return all ?? found;
  }

  body(limitBytes: number): Promise<Uint8Array> {
    this.#body ??= readBody(this.#request, limitBytes);
    return this.#body;
  }
}

/** A request on which a body parser ran before: Express and its middleware leave the result here. */
type ParsedRequest = IncomingMessage & { body?: unknown; rawBody?: unknown };

function readBody(request: ParsedRequest, limitBytes: number): Promise<Uint8Array> {
  if (request.rawBody instanceof Uint8Array) return bounded(request.rawBody, limitBytes);
  if (request.body instanceof Uint8Array) return bounded(request.body, limitBytes);
  if (request.readableEnded || request.readableDidRead) return bounded(parsedAgain(request), limitBytes);
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limitBytes) return Promise.reject(new BodyTooLarge(limitBytes));
  return readStream(request, limitBytes);
}

function bounded(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  return bytes.length > limitBytes ? Promise.reject(new BodyTooLarge(limitBytes)) : Promise.resolve(bytes);
}

/** What a parser made of the body, written out again: the same fields, if not the same bytes. */
function parsedAgain(request: ParsedRequest): Uint8Array {
  const { body } = request;
  if (typeof body === "string") return Buffer.from(body);
  if (typeof body !== "object" || body === null) {
    throw new Fault(
      "LATCHKEY_BODY_CONSUMED",
      "Something read the request body before Latchkey and kept nothing of it. Mount Latchkey before it, or let it set req.body.",
    );
  }
  const form = (request.headers["content-type"] ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");
  return Buffer.from(form ? new URLSearchParams(body as Record<string, string>).toString() : JSON.stringify(body));
}

function readStream(request: IncomingMessage, limitBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limitBytes) return void chunks.push(chunk);
      chunks.length = 0;
      request.pause();
      reject(new BodyTooLarge(limitBytes));
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
    request.once("close", () => reject(new Error("The client went away before its body was complete.")));
  });
}
