import { BodyTooLarge, Fault, type PeerCertificate, RequestAborted, type RequestView } from "../../contracts/index.ts";
import { newRequestId } from "../../primitives/index.ts";

/** What whoever holds the request knows of it beside the Request. */
export interface KnownOfRequest {
  /** Of the peer of this connection; "" or undefined: unknown. */
  readonly peerAddress?: string | undefined;
  /** What the peer of this connection proved in its TLS handshake, where the runtime tells; undefined: nothing, or unknown. */
  readonly certificate?: PeerCertificate | undefined;
  /** Path and query as the client sent them, where a prefix must go. */
  readonly target?: string | undefined;
}

/**
 * A view of a web-standard Request. Its Headers have joined repeated lines with a comma, which the readers of
 * credentials refuse: no credential that is accepted has one.
 */
export class FetchRequestView implements RequestView {
  readonly #request: Request;
  readonly requestId = newRequestId();
  readonly target: string;
  /** "" unless the runtime tells: a Request does not know its peer. */
  readonly peerAddress: string;
  readonly #certificate: PeerCertificate | undefined;
  #body: Promise<Uint8Array> | undefined;

  constructor(request: Request, known: KnownOfRequest = {}) {
    this.#request = request;
    this.target = known.target ?? targetOf(request.url);
    this.peerAddress = known.peerAddress ?? "";
    this.#certificate = known.certificate;
  }

  get method(): string {
    return this.#request.method;
  }

  get encrypted(): boolean {
    return this.#request.url.startsWith("https:");
  }

  certificate(): PeerCertificate | undefined {
    return this.#certificate;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  body(limitBytes: number): Promise<Uint8Array> {
    this.#body ??= readBody(this.#request, limitBytes);
    return this.#body;
  }
}

/** Path and query of a URL, without building one. */
function targetOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("//") + 2);
  const end = url.indexOf("#");
  return path === -1 ? "/" : url.slice(path, end === -1 ? undefined : end);
}

/** Reads a copy, so that the route can still read the body itself. */
async function readBody(request: Request, limitBytes: number): Promise<Uint8Array> {
  if (request.bodyUsed) throw new Fault("LATCHKEY_BODY_CONSUMED", "Something read the request body before Latchkey. Give it a clone.");
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) throw new BodyTooLarge(limitBytes);
  const stream = request.clone().body;
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const next = () => reader.read().catch((cause: unknown) => Promise.reject(new RequestAborted({ cause })));
  for (let part = await next(); !part.done; part = await next()) {
    length += part.value.length;
    if (length > limitBytes) {
      // Not awaited: cancelling one branch of a copy settles only when the other is done with too.
      reader.cancel().catch(() => undefined);
      throw new BodyTooLarge(limitBytes);
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks);
}
