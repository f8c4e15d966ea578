import type { Users } from "../accounts/index.ts";
import type { Endpoint } from "../contracts/index.ts";
import type { Settings } from "../options.ts";
import { createPages, type PageParts } from "../pages/index.ts";

interface PageWiring extends Pick<PageParts, "endpoints" | "compile" | "check" | "formToken"> {
  readonly users: Users;
}

/** The endpoints of the API, with the pages for people before them unless they are turned off. */
export function wirePages({ pages, issuer, sessions }: Settings, { users, ...parts }: PageWiring): readonly Endpoint[] {
  if (pages === undefined) return parts.endpoints;
  const emailOf = async (id: string) => (await users.find(id))?.email;
  return createPages({ ...parts, brand: pages, issuer, fresh: sessions.fresh, emailOf });
}
