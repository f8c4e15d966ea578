/** TLS of the server's own connections. */
export { readTlsFiles, type TlsFiles } from "./files.ts";
export { tlsOptions } from "./options.ts";
export { watchTlsFiles } from "./reload.ts";
