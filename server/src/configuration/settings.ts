// Every setting there is: one table for flags, environment, file, help, --print-config and docs/reference/configuration.md.
import type * as z from "zod/mini";
import { addresses, audience, database, durationOrNone, issuer, mailbox, oneOf, port, prefixes, secrets, text, urlOf } from "./forms.ts";
import { limits, limitsAllowed } from "./limits.ts";

export interface Setting<Schema extends z.ZodMiniType = z.ZodMiniType> {
  readonly environment: `LATCHKEY_${string}`;
  /** Name of the flag of `serve`; none for what must not stand in a list of processes, or is rarely set. */
  readonly flag?: string;
  /** What stands for the value in the help. */
  readonly value: string;
  readonly schema: Schema;
  readonly allowed: string;
  readonly example: string;
  readonly describe: string;
  /** The default as people read it. */
  readonly otherwise: string;
  /** Never shown, not even when it is wrong. */
  readonly secret?: true;
  /** Checked, but nothing of what it steers is built yet. */
  readonly idle?: true;
}

const setting = <Schema extends z.ZodMiniType>(one: Setting<Schema>): Setting<Schema> => one;

export const settings = {
  port: setting({
    environment: "LATCHKEY_PORT",
    flag: "port",
    value: "PORT",
    schema: port,
    allowed: "a whole number from 0 to 65535",
    example: "3000",
    describe: "port to listen on; 0: any free one",
    otherwise: "3000",
  }),
  host: setting({
    environment: "LATCHKEY_HOST",
    flag: "host",
    value: "HOST",
    schema: text,
    allowed: "an address or a host name of this machine",
    example: "127.0.0.1",
    describe: "address to listen on",
    otherwise: "127.0.0.1",
  }),
  data: setting({
    environment: "LATCHKEY_DATA",
    flag: "data",
    value: "DIR",
    schema: text,
    allowed: "a path",
    example: "./.latchkey",
    describe: "data folder: database, secret, socket for commands",
    otherwise: "./.latchkey",
  }),
  issuer: setting({
    environment: "LATCHKEY_ISSUER",
    flag: "issuer",
    value: "URL",
    schema: issuer,
    allowed: "an https URL without query, fragment and user; http on a loopback address only",
    example: "https://auth.example.com",
    describe: "URL of this server as its clients know it",
    otherwise: "http://localhost:PORT",
  }),
  databaseUrl: setting({
    environment: "LATCHKEY_DATABASE_URL",
    flag: "database",
    value: "URL",
    schema: database,
    allowed: "a postgres:// URL, or the path of an SQLite file",
    example: "postgres://latchkey@db.example.com/latchkey",
    describe: "where durable state lives",
    otherwise: "latchkey.db in the data folder",
    secret: true,
  }),
  redisUrl: setting({
    environment: "LATCHKEY_REDIS_URL",
    value: "URL",
    schema: urlOf("redis:", "rediss:"),
    allowed: "a redis:// or rediss:// URL",
    example: "redis://localhost:6379",
    describe: "short-lived state shared by several nodes",
    otherwise: "memory of the process",
    secret: true,
  }),
  secret: setting({
    environment: "LATCHKEY_SECRET",
    value: "TEXT",
    schema: secrets,
    allowed: "at least 32 random bytes as text; several, comma-separated, newest first, to rotate",
    example: "the output of: openssl rand -base64 32",
    describe: "master secret",
    otherwise: "in development the file secret in the data folder",
    secret: true,
  }),
  secretFile: setting({
    environment: "LATCHKEY_SECRET_FILE",
    value: "FILE",
    schema: text,
    allowed: "the path of a file that only its owner can read (mode 0600)",
    example: "/run/secrets/latchkey",
    describe: "file that holds the master secret",
    otherwise: "none",
  }),
  trustProxy: setting({
    environment: "LATCHKEY_TRUST_PROXY",
    value: "CIDRS",
    schema: addresses,
    allowed: "addresses or ranges, comma-separated",
    example: "10.0.0.0/8,::1",
    describe: "proxies in front, whose X-Forwarded-For is believed",
    otherwise: "none",
  }),
  forwardAuthAudience: setting({
    environment: "LATCHKEY_FORWARD_AUTH_AUDIENCE",
    value: "TEXT",
    schema: audience,
    allowed: "1 to 500 printable characters without spaces",
    example: "https://orders.internal",
    describe: "aud of the JWTs that /forward-auth hands to the APIs behind a proxy",
    otherwise: "ISSUER/forward-auth",
  }),
  webhookPrivate: setting({
    environment: "LATCHKEY_WEBHOOK_PRIVATE",
    value: "on|off",
    schema: oneOf("on", "off"),
    allowed: "on or off",
    example: "on",
    describe: "whether webhooks may be sent into private networks",
    otherwise: "on with an issuer on loopback, off elsewhere",
  }),
  importedPrefixes: setting({
    environment: "LATCHKEY_IMPORTED_PREFIXES",
    value: "PREFIXES",
    schema: prefixes,
    allowed: "2 to 40 letters, digits and . _ ~ - each, comma-separated",
    example: "sk_live_",
    describe: "how API keys begin that were issued elsewhere and imported",
    otherwise: "none",
  }),
  smtpUrl: setting({
    environment: "LATCHKEY_SMTP_URL",
    value: "URL",
    schema: urlOf("smtp:", "smtps:"),
    allowed: "an smtp:// or smtps:// URL",
    example: "smtps://user:password@mail.example.com",
    describe: "server that sends e-mail",
    otherwise: "in development mails are printed; else none is sent",
    secret: true,
  }),
  mailFrom: setting({
    environment: "LATCHKEY_MAIL_FROM",
    value: "ADDRESS",
    schema: mailbox,
    allowed: "a plain e-mail address",
    example: "no-reply@example.com",
    describe: "sender of e-mail",
    otherwise: "no-reply@ and the host of the issuer",
  }),
  signInByMail: setting({
    environment: "LATCHKEY_SIGN_IN_BY_MAIL",
    value: "on|off",
    schema: oneOf("on", "off"),
    allowed: "on or off",
    example: "on",
    describe: "whether people may sign in by a code that is mailed to them",
    otherwise: "off",
  }),
  logLevel: setting({
    environment: "LATCHKEY_LOG_LEVEL",
    flag: "log-level",
    value: "LEVEL",
    schema: oneOf("debug", "info", "warn", "error", "silent"),
    allowed: "debug, info, warn, error or silent",
    example: "info",
    describe: "least grave thing that is logged",
    otherwise: "info",
  }),
  signup: setting({
    environment: "LATCHKEY_SIGNUP",
    value: "on|off",
    schema: oneOf("on", "off"),
    allowed: "on or off",
    example: "off",
    describe: "whether people may make accounts themselves",
    otherwise: "on with an issuer on loopback, off elsewhere",
  }),
  registration: setting({
    environment: "LATCHKEY_REGISTRATION",
    value: "off|token|open",
    schema: oneOf("off", "token", "open"),
    allowed: "off, token or open",
    example: "token",
    describe: "dynamic registration of OAuth clients",
    otherwise: "open in development, else off",
    idle: true,
  }),
  registrationToken: setting({
    environment: "LATCHKEY_REGISTRATION_TOKEN",
    value: "TEXT",
    schema: text,
    allowed: "a text",
    example: "the output of: openssl rand -base64 32",
    describe: "token that registration asks for",
    otherwise: "none",
    secret: true,
    idle: true,
  }),
  refreshGrace: setting({
    environment: "LATCHKEY_REFRESH_GRACE",
    value: "SPAN",
    schema: durationOrNone,
    allowed: "0, or a whole number above 0 and a unit: ms, s, m, h or d",
    example: "30s",
    describe: "how long a replaced refresh token is taken for a lost answer, not for theft",
    otherwise: "30s",
    idle: true,
  }),
  limits: setting({
    environment: "LATCHKEY_LIMITS",
    value: "LIMITS",
    schema: limits,
    allowed: limitsAllowed,
    example: "credential-address=100/1m,credential=20/1m",
    describe: "limits of attempts; off in development only",
    otherwise: "credential-address=100/1m,credential=20/1m",
  }),
} as const;

export type SettingKey = keyof typeof settings;

/** What was set, whatever the source. What is not there has its default. */
export type Values = { readonly [Key in SettingKey]?: z.output<(typeof settings)[Key]["schema"]> };
