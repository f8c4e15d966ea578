/** TLS of the server's own connections. */
export { readTlsFiles } from "./files.ts";
export { tlsOptions } from "./options.ts";
