import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { BodyTooLarge, type RequestView } from "../../contracts/index.ts";
import { FetchRequestView, type KnownOfRequest } from "../fetch/index.ts";
import { NodeRequestView } from "../node/index.ts";

/** What the runtime knows and a Request does not; on Node nothing is missing. */
export interface Runtime {
  /** The address of the peer of this connection: `(c) => getConnInfo(c).remote.address ?? ""` of `hono/bun`, `hono/deno`, … */
  readonly peerAddress?: (context: Context) => string;
}

/** On Node the server's own request is seen, with its raw header lines and its peer; elsewhere the web-standard one. */
export function honoView(context: Context, runtime: Runtime, target?: string): RequestView {
  const incoming = (context.env as { incoming?: IncomingMessage } | undefined)?.incoming;
  if (incoming?.rawHeaders !== undefined) return new HonoNodeView(incoming, context, target);
  return new HonoFetchView(context, { target, peerAddress: runtime.peerAddress?.(context) });
}

class HonoNodeView extends NodeRequestView {
  readonly #context: Context;

  constructor(incoming: IncomingMessage, context: Context, target: string | undefined) {
    super(incoming, target);
    this.#context = context;
  }

  override body(limitBytes: number): Promise<Uint8Array> {
    return readBody(this.#context, limitBytes);
  }
}

class HonoFetchView extends FetchRequestView {
  readonly #context: Context;

  constructor(context: Context, known: KnownOfRequest) {
    super(context.req.raw, known);
    this.#context = context;
  }

  override body(limitBytes: number): Promise<Uint8Array> {
    return readBody(this.#context, limitBytes);
  }
}

/** What a middleware has parsed before, Hono keeps and gives again; otherwise a copy is read, within the limit. */
async function readBody(context: Context, limitBytes: number): Promise<Uint8Array> {
  if (Object.keys(context.req.bodyCache).length === 0) return new FetchRequestView(context.req.raw).body(limitBytes);
  const bytes = new Uint8Array(await context.req.arrayBuffer());
  if (bytes.length > limitBytes) throw new BodyTooLarge(limitBytes);
  return bytes;
}
