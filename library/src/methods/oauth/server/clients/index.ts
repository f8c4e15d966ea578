/** OAuth clients: what is registered of them, their redirect URIs and secrets. */
export { type Client, type ClientSecret, hasSecret, isPublicClient, type KnownClient, type TokenFormat } from "./client.ts";
export { clientSecretPrefix, type Clients, createClients, type IssuedClient } from "./clients.ts";
export { type ClientChoices, type ClientOptions, clientRow } from "./options.ts";
export { isClaimedByAnybody, matchesRedirectUri } from "./redirect-uri.ts";
export { clientOf, type ClientRegistry, type ClientSource, createClientRegistry } from "./registry.ts";
export { sectorOf } from "./subject-type.ts";
export { registeredThumbprints, tlsMembers } from "./tls-client.ts";
export { type ClientTables, clientTables, insertClient, insertSecret, updateClient } from "./table.ts";
