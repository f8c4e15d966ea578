/** Users. */
export { normalizeEmail } from "./email.ts";
export { type UserState, userStates } from "./owner-state.ts";
export { accountTables } from "./table.ts";
export { createUsers, type User, type Users } from "./users.ts";
