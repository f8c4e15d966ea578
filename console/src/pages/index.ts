/** One page a file. */
export { Activity } from "./activity.tsx";
export type { Filter } from "./filter.ts";
export { ApiKeys } from "./api-keys.tsx";
export { Clients } from "./clients.tsx";
export { Missing } from "./missing.tsx";
export { Overview } from "./overview.tsx";
export { Roles } from "./roles.tsx";
export { SessionsPage } from "./sessions.tsx";
export { SetUp } from "./set-up.tsx";
export { SigningKeys } from "./signing-keys.tsx";
export { UserPage } from "./user.tsx";
export { Users } from "./users.tsx";
