/** Everything the admin API can do, in the order of its documentation. */
import { apiKeyRoutes } from "./api-keys.ts";
import { auditRoutes } from "./audit.ts";
import { clientRoutes } from "./clients.ts";
import { decisionRoutes } from "./decisions.ts";
import { overviewRoutes } from "./overview.ts";
import { roleRoutes } from "./roles.ts";
import type { Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";
import { signingKeyRoutes } from "./signing-keys.ts";
import { tokenRoutes } from "./tokens.ts";
import { userRoutes } from "./users.ts";

export const routes: readonly Route[] = [
  ...overviewRoutes,
  ...auditRoutes,
  ...decisionRoutes,
  ...userRoutes,
  ...roleRoutes,
  ...apiKeyRoutes,
  ...clientRoutes,
  ...sessionRoutes,
  ...signingKeyRoutes,
  ...tokenRoutes,
];
