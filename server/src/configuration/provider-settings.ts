// The providers that the environment alone can switch on: an id and a secret each, and what a few of them need beside.
import { text } from "./forms.ts";
import { type Setting, setting } from "./setting.ts";

const idOf = (name: string, label: string) =>
  setting({
    environment: `LATCHKEY_${name}_CLIENT_ID`,
    value: "ID",
    schema: text,
    allowed: "the client id that the provider gave",
    example: "Iv1.0123456789abcdef",
    describe: `lets people sign in by ${label}`,
    otherwise: "none",
  });

const secretOf = (name: string, label: string) =>
  setting({
    environment: `LATCHKEY_${name}_CLIENT_SECRET`,
    value: "TEXT",
    schema: text,
    allowed: "the client secret that the provider gave",
    example: "0123456789abcdef0123456789abcdef01234567",
    describe: `client secret at ${label}`,
    otherwise: "none",
    secret: true,
  });

const more = (
  name: string,
  facts: Pick<Setting, "value" | "allowed" | "example" | "describe"> & { readonly secret?: true; readonly otherwise?: string },
) => setting({ environment: `LATCHKEY_${name}`, schema: text, otherwise: "none", ...facts });

export const providerSettings = {
  githubClientId: idOf("GITHUB", "GitHub"),
  githubClientSecret: secretOf("GITHUB", "GitHub"),
  googleClientId: idOf("GOOGLE", "Google"),
  googleClientSecret: secretOf("GOOGLE", "Google"),
  microsoftClientId: idOf("MICROSOFT", "Microsoft"),
  microsoftClientSecret: secretOf("MICROSOFT", "Microsoft"),
  microsoftTenant: more("MICROSOFT_TENANT", {
    value: "ID",
    allowed: "common, organizations, consumers, or the id of a tenant",
    example: "common",
    describe: "whose Microsoft accounts",
    otherwise: "common",
  }),
  appleClientId: idOf("APPLE", "Apple"),
  appleTeamId: more("APPLE_TEAM_ID", {
    value: "ID",
    allowed: "ten capital letters and digits",
    example: "A1B2C3D4E5",
    describe: "team at Apple",
  }),
  appleKeyId: more("APPLE_KEY_ID", {
    value: "ID",
    allowed: "ten capital letters and digits",
    example: "F6G7H8I9J0",
    describe: "key at Apple",
  }),
  applePrivateKey: more("APPLE_PRIVATE_KEY", {
    value: "PEM",
    allowed: String.raw`the content of the .p8 file; line breaks may be written as \n`,
    example: String.raw`-----BEGIN PRIVATE KEY-----\n...`,
    describe: "private key at Apple",
    secret: true,
  }),
  gitlabClientId: idOf("GITLAB", "GitLab"),
  gitlabClientSecret: secretOf("GITLAB", "GitLab"),
  gitlabUrl: more("GITLAB_URL", {
    value: "URL",
    allowed: "the https URL of a GitLab of one's own",
    example: "https://gitlab.example.com",
    describe: "which GitLab",
    otherwise: "https://gitlab.com",
  }),
  discordClientId: idOf("DISCORD", "Discord"),
  discordClientSecret: secretOf("DISCORD", "Discord"),
  facebookClientId: idOf("FACEBOOK", "Facebook"),
  facebookClientSecret: secretOf("FACEBOOK", "Facebook"),
  linkedinClientId: idOf("LINKEDIN", "LinkedIn"),
  linkedinClientSecret: secretOf("LINKEDIN", "LinkedIn"),
  slackClientId: idOf("SLACK", "Slack"),
  slackClientSecret: secretOf("SLACK", "Slack"),
  xClientId: idOf("X", "X"),
  xClientSecret: secretOf("X", "X"),
  oidcIssuer: more("OIDC_ISSUER", {
    value: "URL",
    allowed: "the https URL of an OpenID provider, or http on loopback",
    example: "https://id.example.com",
    describe: "lets people sign in by a provider of one's own",
  }),
  oidcName: more("OIDC_NAME", {
    value: "TEXT",
    allowed: "what stands on the button",
    example: "Example",
    describe: "name of that provider",
    otherwise: "the host of its issuer",
  }),
  oidcClientId: more("OIDC_CLIENT_ID", {
    value: "ID",
    allowed: "the client id that it gave",
    example: "latchkey",
    describe: "client id at that provider",
  }),
  oidcClientSecret: more("OIDC_CLIENT_SECRET", {
    value: "TEXT",
    allowed: "the client secret that it gave",
    example: "the output of: openssl rand -base64 32",
    describe: "client secret at that provider",
    secret: true,
  }),
} as const;
