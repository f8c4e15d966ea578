/** Certificates for a developer's machine: an authority in the data folder, and what it issues. */
export { openAuthority } from "./authority.ts";
export type { Names } from "./certificate.ts";
export { issueCertificate, type Issued, listClient } from "./issue.ts";
