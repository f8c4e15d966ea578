/** Clients that are told when a session ends (OpenID Connect Back-Channel Logout 1.0). */
export { createIssueLogoutToken } from "./logout-token.ts";
export { createLogoutOutbox, type LogoutOutbox } from "./outbox.ts";
export { createLogoutSender } from "./sender.ts";
export { logoutTables } from "./table.ts";
