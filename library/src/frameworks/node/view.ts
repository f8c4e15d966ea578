import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { BodyForm, PeerCertificate, RequestView } from "../../contracts/index.ts";
import { newRequestId } from "../../primitives/index.ts";
import { certificateOfSocket } from "./certificate.ts";
import { isParsed, type ParsedBody, parsedBefore, readNodeBody } from "./body.ts";

/**
 * A view of a Node request. Headers are read from the raw list: `req.headers` keeps only the first of two Authorization
 * lines and joins two X-API-Key lines, which would hide that there were two.
 */
export class NodeRequestView implements RequestView {
  readonly #request: IncomingMessage;
  /** Asked once: Express gives each request a prototype, and with it a shape of its own, so that V8 looks for each field anew. */
  readonly #rawHeaders: readonly string[];
  readonly requestId = newRequestId();
  #body: Promise<Uint8Array> | undefined;

  /** What the client asked for, where a framework has changed `url` or a prefix must go. */
  readonly #target: string | undefined;
  readonly #parsed: ParsedBody;

  /** `parsed`: where a framework keeps what its body parser made, if not on the request itself. */
  constructor(request: IncomingMessage, target?: string, parsed: ParsedBody = request as ParsedBody) {
    this.#request = request;
    this.#rawHeaders = request.rawHeaders;
    this.#target = target;
    this.#parsed = parsed;
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

  certificate(): PeerCertificate | undefined {
    return certificateOfSocket(this.#request.socket);
  }

  header(name: string): string | readonly string[] | undefined {
    const raw = this.#rawHeaders;
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

  body(limitBytes: number, form?: BodyForm): Promise<Uint8Array> {
    if (form === "exact" && isParsed(this.#request, this.#parsed)) return Promise.reject(parsedBefore());
    this.#body ??= readNodeBody(this.#request, this.#parsed, limitBytes);
    return this.#body;
  }
}
