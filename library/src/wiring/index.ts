/** How the rooms of one area are put together; `latchkey.ts` puts the areas together. */
export { type Accounts, wireAccounts } from "./accounts.ts";
