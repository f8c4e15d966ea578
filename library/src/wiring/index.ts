/** How the rooms of one area are put together; `latchkey.ts` puts the areas together. */
export { wireBasic } from "./basic.ts";
export { type Accounts, wireAccountEndpoints, wireAccounts } from "./accounts.ts";
export { type WiredSessions, wireSessions } from "./sessions.ts";
export { wireLeaks } from "./leaks.ts";
export { wireForwardAuth } from "./forward-auth.ts";
export { type SocialRooms, wireSocial } from "./social.ts";
export { wireMail } from "./mail.ts";
export { buildHouse, type House } from "./house.ts";
export { type TokenRooms, tokenSource, wireTokens } from "./tokens.ts";
export { wireWebhooks } from "./webhooks.ts";
export { wireApiKeys } from "./api-keys.ts";
export { wirePages } from "./pages.ts";
export { type OAuthRooms, wireOAuth } from "./oauth.ts";
export { createLifecycle } from "./lifecycle.ts";
export { wireGate } from "./gate.ts";
