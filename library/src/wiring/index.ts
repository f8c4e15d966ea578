/** How the rooms of one area are put together; `latchkey.ts` puts the areas together. */
export { wireBasic } from "./basic.ts";
export { type Accounts, wireAccounts } from "./accounts.ts";
export { type WiredSessions, wireSessions } from "./sessions.ts";
export { type Limits, wireLimits } from "./limits.ts";
export { wirePages } from "./pages.ts";
