/** OAuth clients: what is registered of them, their redirect URIs and secrets. */
export { type Client, type ClientSecret, hasSecret, isPublicClient, type KnownClient, type TokenFormat } from "./client.ts";
export { clientSecretPrefix, type Clients, createClients, type IssuedClient } from "./clients.ts";
export type { ClientChoices, ClientOptions } from "./options.ts";
export { isClaimedByAnybody, matchesRedirectUri } from "./redirect-uri.ts";
export { type ClientRegistry, type ClientSource, createClientRegistry } from "./registry.ts";
export { clientTables } from "./table.ts";
