import type { Socket } from "node:net";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { PeerCertificate } from "../../contracts/index.ts";

const mostChain = 6;
/** A connection has one for all of its requests. */
const known = new WeakMap<Socket, { readonly found: PeerCertificate | undefined }>();

/** The certificate of the other side of a connection, as its handshake proved; undefined: it showed none, or this is no TLS. */
export function certificateOfSocket(socket: Socket | undefined): PeerCertificate | undefined {
  if (socket === undefined || (socket as TLSSocket).encrypted !== true) return undefined;
  const before = known.get(socket);
  if (before !== undefined) return before.found;
  const found = read(socket as TLSSocket);
  known.set(socket, { found });
  return found;
}

function read(socket: TLSSocket): PeerCertificate | undefined {
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate?.(true);
  const all: Uint8Array[] = [];
  // The last one names itself as its issuer.
  for (; next?.raw !== undefined && all.length < mostChain; next = next.issuerCertificate === next ? undefined : next.issuerCertificate)
    all.push(next.raw);
  const [certificate, ...chain] = all;
  return certificate === undefined ? undefined : { certificate, chain };
}
