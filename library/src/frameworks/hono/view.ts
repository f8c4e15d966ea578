import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { type BodyForm, BodyTooLarge, Fault, type PeerCertificate, type RequestView } from "../../contracts/index.ts";
import { FetchRequestView, type KnownOfRequest } from "../fetch/index.ts";
import { NodeRequestView } from "../node/index.ts";

/** What the runtime knows and a Request does not; on Node nothing is missing. */
export interface Runtime {
  /** The address of the peer of this connection: `(c) => getConnInfo(c).remote.address ?? ""` of `hono/bun`, `hono/deno`, … */
  readonly peerAddress?: (context: Context) => string;
  /** The client certificate of this connection, as DER, where the runtime tells. */
  readonly certificate?: (context: Context) => PeerCertificate | undefined;
}

/** On Node the server's own request is seen, with its raw header lines and its peer; elsewhere the web-standard one. */
export function honoView(context: Context, runtime: Runtime, target?: string): RequestView {
  const incoming = (context.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  if (incoming?.rawHeaders !== undefined) return new HonoNodeView(incoming, context, target);
  return new HonoFetchView(context, {
    target,
    peerAddress: runtime.peerAddress?.(context),
    certificate: runtime.certificate?.(context),
  });
}

class HonoNodeView extends NodeRequestView {
  readonly #context: Context;

  constructor(incoming: IncomingMessage, context: Context, target: string | undefined) {
    super(incoming, target);
    this.#context = context;
  }

  override body(limitBytes: number, form?: BodyForm): Promise<Uint8Array> {
    return readBody(this.#context, limitBytes, form);
  }
}

class HonoFetchView extends FetchRequestView {
  readonly #context: Context;

  constructor(context: Context, known: KnownOfRequest) {
    super(context.req.raw, known);
    this.#context = context;
  }

  override body(limitBytes: number, form?: BodyForm): Promise<Uint8Array> {
    return readBody(this.#context, limitBytes, form);
  }
}

/**
 * What a middleware has parsed before, Hono keeps and gives again; otherwise a copy is read, within the limit. Bytes and
 * text are kept as they came, a parsed body is not.
 */
async function readBody(context: Context, limitBytes: number, form: BodyForm | undefined): Promise<Uint8Array> {
  const kept = Object.keys(context.req.bodyCache);
  if (form === "exact" && kept.length > 0 && !kept.some((name) => exactForms.has(name)))
    throw new Fault(
      "LATCHKEY_BODY_CONSUMED",
      "A signature covers the bytes of the body, and they were parsed before the guard. Put it first.",
    );
  if (kept.length === 0) return new FetchRequestView(context.req.raw).body(limitBytes);
  const bytes = new Uint8Array(await context.req.arrayBuffer());
  if (bytes.length > limitBytes) throw new BodyTooLarge(limitBytes);
  return bytes;
}

const exactForms: ReadonlySet<string> = new Set(["arrayBuffer", "blob", "text"]);
