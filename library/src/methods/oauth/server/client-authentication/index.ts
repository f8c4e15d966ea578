/** How clients prove who they are: one file a way, given to the server as a list. */
export { type AuthenticateClient, createAuthenticateClient } from "./authenticate.ts";
export { clientSecretBasic } from "./client-secret-basic.ts";
export { createClientOf } from "./client-of.ts";
export { clientSecretPost } from "./client-secret-post.ts";
export { noAuthentication } from "./none.ts";
export { privateKeyJwt, type PrivateKeyParts } from "./private-key-jwt.ts";
export { selfSignedTlsClientAuth, tlsClientAuth, type TlsClientParts } from "./tls-client-auth.ts";
export type { ClientAuthentication, Presented } from "./way.ts";
