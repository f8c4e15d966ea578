// The providers that have a name here, as data. Everything that they have in common is in build-provider.ts.
import type { JsonObject } from "../../../../primitives/index.ts";
import type { Profile, ProviderRow } from "./row.ts";

/** The standard claims (OpenID Connect Core s.5.1). Only a real `true` says that an address is proved. */
export function standardProfile(claims: JsonObject): Profile {
  return { subject: claims.sub, email: claims.email, emailVerified: claims.email_verified === true, name: claims.name };
}

const openId = {
  discovery: true,
  scopes: ["openid", "email", "profile"],
  pkce: true,
  nonce: true,
  clientAuthentication: "post",
  profile: standardProfile,
} as const;

const plain = { discovery: false, pkce: true, nonce: false, clientAuthentication: "post" } as const;

export const rows = {
  github: {
    ...plain,
    id: "github",
    name: "GitHub",
    issuer: "https://github.com/login/oauth",
    endpoints: {
      authorization: "https://github.com/login/oauth/authorize",
      token: "https://github.com/login/oauth/access_token",
      userinfo: "https://api.github.com/user",
      emails: "https://api.github.com/user/emails",
    },
    scopes: ["read:user", "user:email"],
    // The address in the profile is the public one, which may be any or none: the list says which is proved.
    profile: async (user, ask) => ({ subject: user.id, name: user.name ?? user.login, ...provedAddress(await ask.emails()) }),
  },
  google: { ...openId, id: "google", name: "Google", issuer: "https://accounts.google.com" },
  microsoft: {
    ...openId,
    id: "microsoft",
    name: "Microsoft",
    issuer: "https://login.microsoftonline.com/common/v2.0",
    issuerOf: (claims, issuer) => issuer.replace("{tenantid}", typeof claims.tid === "string" ? claims.tid : "?"),
    // `email` may be anything that an administrator typed. Only `xms_edov` says that the domain is proved to be the tenant's.
    profile: (claims) => ({
      ...standardProfile(claims),
      emailVerified: claims.xms_edov === true || claims.xms_edov === 1 || claims.xms_edov === "1",
    }),
  },
  apple: {
    ...openId,
    id: "apple",
    name: "Apple",
    issuer: "https://appleid.apple.com",
    scopes: ["openid", "name", "email"],
    pkce: false,
    formPost: true,
    // Apple writes the flag as a text too, as its documentation says.
    profile: (claims) => ({
      ...standardProfile(claims),
      emailVerified: claims.email_verified === true || claims.email_verified === "true",
    }),
  },
  gitlab: { ...openId, id: "gitlab", name: "GitLab", issuer: "https://gitlab.com" },
  discord: {
    ...plain,
    id: "discord",
    name: "Discord",
    issuer: "https://discord.com",
    endpoints: {
      authorization: "https://discord.com/oauth2/authorize",
      token: "https://discord.com/api/oauth2/token",
      userinfo: "https://discord.com/api/users/@me",
    },
    scopes: ["identify", "email"],
    profile: (user) => ({
      subject: user.id,
      email: user.email,
      emailVerified: user.verified === true,
      name: user.global_name ?? user.username,
    }),
  },
  facebook: {
    ...plain,
    id: "facebook",
    name: "Facebook",
    issuer: "https://www.facebook.com",
    endpoints: {
      authorization: "https://www.facebook.com/v23.0/dialog/oauth",
      token: "https://graph.facebook.com/v23.0/oauth/access_token",
      userinfo: "https://graph.facebook.com/v23.0/me?fields=id,name,email",
    },
    scopes: ["public_profile", "email"],
    // It does not say whether the address is proved.
    profile: (user) => ({ subject: user.id, email: user.email, emailVerified: false, name: user.name }),
  },
  linkedin: { ...openId, id: "linkedin", name: "LinkedIn", issuer: "https://www.linkedin.com/oauth", pkce: false, nonce: false },
  slack: { ...openId, id: "slack", name: "Slack", issuer: "https://slack.com", pkce: false },
  x: {
    ...plain,
    id: "x",
    name: "X",
    issuer: "https://x.com",
    endpoints: {
      authorization: "https://x.com/i/oauth2/authorize",
      token: "https://api.x.com/2/oauth2/token",
      userinfo: "https://api.x.com/2/users/me?user.fields=confirmed_email",
    },
    scopes: ["users.read", "tweet.read", "users.email"],
    clientAuthentication: "basic",
    profile: ({ data }) => {
      const user = (typeof data === "object" && data !== null ? data : {}) as JsonObject;
      return {
        subject: user.id,
        email: user.confirmed_email,
        emailVerified: user.confirmed_email !== undefined,
        name: user.name ?? user.username,
      };
    },
  },
} as const satisfies Readonly<Record<string, ProviderRow>>;

export type ProviderName = keyof typeof rows;

/** Of GitHub's list of addresses the primary one, if it is proved; else any that is. */
function provedAddress(list: unknown): Pick<Profile, "email" | "emailVerified"> {
  const entries = (Array.isArray(list) ? list : []).filter((entry): entry is JsonObject => typeof entry === "object" && entry !== null);
  const proved = entries.filter(({ verified, email }) => verified === true && typeof email === "string");
  const chosen = proved.find(({ primary }) => primary === true) ?? proved[0];
  return { email: chosen?.email, emailVerified: chosen !== undefined };
}
