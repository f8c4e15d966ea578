/** Clients that nobody here has seen before: registered by themselves (RFC 7591), or known by a document at their URL. */
export type { FetchDocument } from "./fetch-document.ts";
export { createMetadataDocuments } from "./metadata-document.ts";
export { type CheckSector, createCheckSector } from "./sector-document.ts";
export { type RegistrationOptions, type RegistrationSettings, readRegistrationOptions } from "./options.ts";
export { createRegistrations, type Registrations } from "./registrations.ts";
export { registrationTables } from "./table.ts";
export { clientMetadata, readClientMetadata } from "./client-metadata.ts";
