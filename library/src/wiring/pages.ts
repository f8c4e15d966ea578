import type { Users } from "../accounts/index.ts";
import type { Endpoint } from "../contracts/index.ts";
import type { Settings } from "../options.ts";
import { createPages, type PageParts } from "../pages/index.ts";

interface PageWiring extends Pick<PageParts, "report" | "endpoints" | "compile" | "check" | "formToken"> {
  readonly users: Users;
}

/** The endpoints of the API, with the pages for people before them unless they are turned off. */
export function wirePages(
  { pages, issuer, sessions, signUp, mail, providers, users: source }: Settings,
  { users, ...parts }: PageWiring,
): readonly Endpoint[] {
  if (pages === undefined) return parts.endpoints;
  const ownPasswords = source?.verifyPassword === undefined;
  return createPages({
    ...parts,
    brand: pages,
    issuer,
    ways: { signUp, forgot: mail !== undefined && ownPasswords, byMail: mail?.signIn === true, providers: [...providers.values()] },
    ownPasswords,
    ownAddresses: mail !== undefined && (source === undefined || source.setVerifiedEmail !== undefined),
    fresh: sessions.fresh,
    personOf: (id) => users.find(id),
  });
}
