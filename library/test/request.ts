import type { RequestView } from "latchkey";

/** A request as an adapter would present it, with an API key. */
export function keyRequest(key: string, { method = "GET", target = "/whoami" } = {}): RequestView {
  return {
    method,
    target,
    requestId: "req_test",
    peerAddress: "127.0.0.1",
    encrypted: false,
    header: (name) => (name === "x-api-key" ? key : undefined),
    body: () => Promise.resolve(new Uint8Array()),
  };
}
