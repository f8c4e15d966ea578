import { BodyTooLarge, type RequestView } from "../contracts/index.ts";
import { newRequestId } from "../primitives/index.ts";

export interface TestRequestOptions {
  readonly method?: string;
  /** Path and query. Default `/`. */
  readonly target?: string;
  /** By lower-case name; an array stands for lines sent more than once. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Default `127.0.0.1`. */
  readonly peerAddress?: string;
  readonly encrypted?: boolean;
  readonly body?: string | Uint8Array;
}

/** A request as an adapter would present it to `auth.check` and `auth.handle`, without a server. */
export function testRequest(options: TestRequestOptions = {}): RequestView {
  const headers = options.headers ?? {};
  const body = typeof options.body === "string" ? Buffer.from(options.body) : (options.body ?? new Uint8Array());
  return {
    method: options.method ?? "GET",
    target: options.target ?? "/",
    requestId: newRequestId(),
    peerAddress: options.peerAddress ?? "127.0.0.1",
    encrypted: options.encrypted ?? false,
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
    body: (limitBytes) => (body.length > limitBytes ? Promise.reject(new BodyTooLarge(limitBytes)) : Promise.resolve(body)),
  };
}
