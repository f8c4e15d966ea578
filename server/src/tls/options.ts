import { constants } from "node:crypto";
import type { TlsOptions } from "node:tls";
import type { TlsFiles } from "./files.ts";

/** Authenticated encryption with forward secrecy alone (ASVS V12.1.2); those of TLS 1.3 all are. */
const ciphers = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** What changes when a file does: given to `setSecureContext` as well, which keeps nothing of what was before. */
export function secureContextOf({ cert, key, ca }: TlsFiles) {
  return {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion: "TLSv1.2",
    ciphers,
    honorCipherOrder: true,
    ecdhCurve: "X25519:P-256:P-384",
    // A session that is taken up again has lost the intermediates that came with the client's certificate: without tickets there is none.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (ca === undefined ? 0 : constants.SSL_OP_NO_TICKET),
  } as const satisfies TlsOptions;
}

/** How the server speaks TLS. Client certificates are asked for and judged at the gate, where other credentials do as well. */
export function tlsOptions(files: TlsFiles): TlsOptions {
  const clients = files.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: false };
  return { ...secureContextOf(files), ...clients, handshakeTimeout: 10_000 };
}
