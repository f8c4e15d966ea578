/** Identities of people at providers: whose they are, and the tokens that came with them. */
export { createIdentities, type Identities, type UnlinkOptions, type WhichIdentity } from "./identities.ts";
export { createJoin, type JoinIdentity, type JoiningUser } from "./join.ts";
export type { IdentityRecord } from "./record.ts";
export { identityTables, type IdentityTables } from "./table.ts";
