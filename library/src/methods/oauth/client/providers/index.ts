/** `latchkey/providers`: who else can say who somebody is, by the optional peer oauth4webapi. */
export type { AppleKey } from "./apple.ts";
export {
  apple,
  discord,
  facebook,
  github,
  gitlab,
  google,
  linkedin,
  microsoft,
  named,
  namedProviders,
  oauth2,
  type OAuth2Options,
  oidc,
  type OidcOptions,
  slack,
  standardProfile,
  x,
} from "./factories.ts";
export type { ProviderOptions } from "./options.ts";
export type { Endpoints, Profile } from "./row.ts";
export type { ProviderName } from "./rows.ts";
