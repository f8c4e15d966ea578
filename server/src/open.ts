import {
  createLatchkey,
  type Ephemeral,
  type Latchkey,
  type LatchkeyOptions,
  type MethodFactory,
  type RegistrationOptions,
  type Store,
} from "latchkey";
import { bySetting, type Configuration } from "./configuration/index.ts";
import { databaseOf } from "./database.ts";
import { openMail } from "./mail.ts";
import { openProviders } from "./providers.ts";

interface Opening extends Pick<LatchkeyOptions, "onDecision" | "onFault" | "onWarning"> {
  readonly issuer: string;
  readonly secrets: readonly string[];
  /** A server, not a command that opens the data for a moment: it delivers webhooks. */
  readonly serving?: boolean;
  readonly onFault: (error: unknown) => void;
}

/** The gate over the configured stores. Drivers are loaded when they are needed. */
export async function openLatchkey(configuration: Configuration, opening: Opening): Promise<Latchkey> {
  try {
    return await open(configuration, opening);
  } catch (error) {
    throw bySetting(error, configuration);
  }
}

async function open(configuration: Configuration, { secrets, serving = false, ...rest }: Opening): Promise<Latchkey> {
  const ephemeral = await openEphemeral(configuration, rest.onFault);
  const mail = await openMail(configuration);
  const providers = await openProviders(configuration);
  return createLatchkey({
    ...rest,
    store: await openStore(configuration, rest.onFault),
    ...(ephemeral === undefined ? {} : { ephemeral }),
    ...(mail === undefined ? {} : { mail }),
    providers,
    secret: secrets,
    trustProxy: configuration.trustProxy,
    limits: configuration.limits,
    ...(configuration.values.signup === undefined ? {} : { signUp: configuration.values.signup === "on" }),
    ...(configuration.values.forwardAuthAudience === undefined
      ? {}
      : { forwardAuth: { audience: configuration.values.forwardAuthAudience } }),
    webhooks: {
      deliver: serving,
      ...(configuration.values.webhookPrivate === undefined ? {} : { allowPrivate: configuration.values.webhookPrivate === "on" }),
    },
    leaks: leaksOf(configuration),
    methods: await methodsOf(configuration, rest.issuer),
    registration: registrationOf(configuration),
    oauth: { scopes: configuration.values.scopes ?? {}, opaqueFor: configuration.values.opaqueAudiences ?? [] },
    jwt: jwtOf(configuration),
    apiKeys: { importedPrefixes: configuration.values.importedPrefixes ?? [] },
  });
}

/** The methods that are switched on by settings. */
async function methodsOf(configuration: Configuration, issuer: string): Promise<MethodFactory[]> {
  const methods: MethodFactory[] = [];
  if (configuration.values.messageSignatures === "on") {
    const { messageSignature } = await import("latchkey/message-signature");
    // Clients sign for the origin by which they know this server.
    methods.push(messageSignature({ origins: [new URL(issuer).origin], clients: true }));
  }
  if (configuration.values.clientCa !== undefined) methods.push(await certificatesOf(configuration));
  return methods;
}

async function certificatesOf({ values, trustProxy }: Configuration): Promise<MethodFactory> {
  const { mtls } = await import("latchkey/mtls");
  const { clientCa, clientCertificates, clientRevoked, clientCertificateHeader } = values;
  return mtls({
    caFile: clientCa!,
    ...(clientCertificates === undefined ? {} : { clientsFile: clientCertificates }),
    ...(clientRevoked === undefined ? {} : { revokedFile: clientRevoked }),
    ...(clientCertificateHeader === undefined ? {} : { proxy: { addresses: trustProxy, form: clientCertificateHeader } }),
  });
}

function leaksOf({ values: { leaksGithub: github } }: Configuration): NonNullable<LatchkeyOptions["leaks"]> {
  if (github === undefined || github === "off") return {};
  return { github: github === "on" ? true : { keysUrl: github } };
}

/** Open on a developer's machine only; a token alone is meant to be asked for. */
function registrationOf({ values, development }: Configuration): RegistrationOptions {
  const { registrationToken: token, registration } = values;
  const mode = registration ?? (token !== undefined ? "token" : development ? "open" : "off");
  return { mode, ...(token === undefined || mode !== "token" ? {} : { token }) };
}

function jwtOf({ values: { audiences = [], refreshGrace } }: Configuration): NonNullable<LatchkeyOptions["jwt"]> {
  return { audiences, ...(refreshGrace === undefined ? {} : { refresh: { grace: refreshGrace } }) };
}

async function openStore(configuration: Configuration, onFault: (error: unknown) => void): Promise<Store> {
  const database = databaseOf(configuration);
  if (database.kind === "sqlite") return (await import("latchkey/sqlite")).sqlite(database.path);
  return (await import("latchkey/postgres")).postgres(database.url, { onFault });
}

async function openEphemeral({ values }: Configuration, onFault: (error: unknown) => void): Promise<Ephemeral | undefined> {
  if (values.redisUrl === undefined) return undefined;
  return (await import("latchkey/redis")).redis(values.redisUrl, { onFault });
}
