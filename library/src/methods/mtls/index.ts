/** `latchkey/mtls`: services that prove themselves by a client certificate. */
export { certificateProof } from "./bound.ts";
export type { CertificateClient } from "./clients.ts";
export { mtls, type MtlsOptions } from "./method.ts";
export type { CertificateProxy } from "./proxy.ts";
export { mtlsRefusals } from "./refusals.ts";
