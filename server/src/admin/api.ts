import type { Latchkey } from "latchkey";
import { firstAdminEndpoint } from "./first-admin.ts";
import { openapiEndpoint } from "./openapi.ts";
import { endpointOf } from "./route.ts";
import { routes } from "./routes.ts";

/** Answers what is for the admin API, `/admin/api/…`; undefined: it is for somebody else. */
export function adminApi(auth: Latchkey): Latchkey["handle"] {
  return auth.route([...routes.map((one) => endpointOf(auth, one)), openapiEndpoint(auth.issuer, routes), firstAdminEndpoint(auth)]);
}
