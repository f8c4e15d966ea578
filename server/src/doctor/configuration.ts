import { statSync } from "node:fs";
import { type Configuration, issuerOn, lacksTls, readSecrets } from "../configuration/index.ts";
import { databaseOf } from "../database.ts";
import { readTlsFiles } from "../tls/index.ts";
import { UsageError } from "../usage.ts";
import { type Finding, good, problem, warning } from "./finding.ts";

/** What the settings and the files beside them tell. Reads, and makes nothing. */
export function configurationFindings(configuration: Configuration, at: Date): readonly Finding[] {
  return [
    encryption(configuration),
    certificate(configuration, at),
    masterSecret(configuration),
    dataFolder(configuration),
    databaseConnection(configuration),
    attemptLimits(configuration),
    clientAddress(configuration),
    signedRequests(configuration),
    attemptsLogged(configuration),
    runtime(process.versions.node, at),
  ].filter((finding) => finding !== undefined);
}

function encryption(configuration: Configuration): Finding {
  const issuer = issuerOn(configuration, configuration.port);
  const practice = "credentials travel encrypted";
  if (lacksTls(configuration))
    return warning(
      practice,
      `issuer ${issuer}, and neither a certificate nor a proxy that is trusted: what comes is taken for plain http`,
      "--tls-cert and --tls-key; or LATCHKEY_TRUST_PROXY=the address of the proxy that ends TLS",
    );
  if (issuer.startsWith("https:")) return good(practice, `issuer ${issuer}`);
  return warning(
    practice,
    `issuer ${issuer}, over http on this machine only`,
    "For others: LATCHKEY_ISSUER=https://… with --tls-cert and --tls-key, or behind a proxy that ends TLS.",
  );
}

function certificate(configuration: Configuration, at: Date): Finding | undefined {
  const practice = "the server's own certificate is good and its key kept from others";
  try {
    const files = readTlsFiles(configuration, at.getTime());
    if (files === undefined) return undefined;
    const [wrong] = files.warnings;
    if (wrong !== undefined) return warning(practice, wrong, "Renew it, or do as it says: the running server takes the new files.");
    return good(practice, `valid until ${files.certificate.validTo}`);
  } catch (error) {
    if (error instanceof UsageError) return problem(practice, "it cannot be used", error.message);
    throw error;
  }
}

function masterSecret(configuration: Configuration): Finding {
  const practice = "the master secret is strong and kept from others";
  const { secret, secretFile } = configuration.values;
  if (secret === undefined && secretFile === undefined && !exists(`${configuration.data}/secret`))
    return configuration.development
      ? good(practice, "none yet: the first start makes one, 256 bits, mode 0600")
      : problem(practice, "none is set", "LATCHKEY_SECRET_FILE=FILE, with the output of: openssl rand -base64 32");
  try {
    const count = readSecrets(configuration).length;
    return count === 1
      ? good(practice, "one, of 32 bytes or more")
      : warning(practice, `${count}: a rotation is under way`, "Take the older ones out once nothing sealed under them is left.");
  } catch (error) {
    if (error instanceof UsageError) return problem(practice, "it cannot be used", error.message);
    throw error;
  }
}

function dataFolder({ data }: Configuration): Finding | undefined {
  const mode = exists(data);
  if (mode === undefined) return undefined;
  const practice = "the data folder is its owner's only";
  return (mode & 0o077) === 0
    ? good(practice, `${data}, mode ${octal(mode)}`)
    : warning(practice, `${data}, mode ${octal(mode)}`, `chmod 700 ${data}`);
}

function databaseConnection(configuration: Configuration): Finding | undefined {
  const database = databaseOf(configuration);
  if (database.kind === "sqlite") return undefined;
  const practice = "the connection to the database is encrypted";
  const url = new URL(database.url);
  if (/^(?:localhost|127\..*|\[::1\]|)$/.test(url.hostname)) return good(practice, "PostgreSQL on this machine");
  const mode = url.searchParams.get("sslmode") ?? "none";
  if (mode.startsWith("verify-")) return good(practice, `sslmode=${mode}`);
  return warning(practice, `sslmode=${mode}, to ${url.hostname}`, "Add sslmode=verify-full to the URL of the database.");
}

function attemptLimits({ limits, development }: Configuration): Finding {
  const practice = "guessing is limited";
  const off = Object.entries(limits).filter(([, limit]) => limit === "off");
  if (off.length === 0) return good(practice, "sign-in and every credential, by account and by address");
  const tell = development ? warning : problem;
  return tell(practice, `${off.map(([name]) => name).join(", ")} switched off`, "Unset LATCHKEY_LIMITS, or give these a limit.");
}

function clientAddress({ trustProxy, development }: Configuration): Finding {
  const practice = "limits and the audit log know the client's address";
  const all = trustProxy.find((range) => range.endsWith("/0"));
  if (all !== undefined)
    return problem(practice, `LATCHKEY_TRUST_PROXY=${all}: everybody may claim any address`, "Name the addresses of your proxies only.");
  if (trustProxy.length > 0) return good(practice, `X-Forwarded-For is believed from ${trustProxy.join(", ")}`);
  if (development) return good(practice, "the address of the connection");
  return warning(
    practice,
    "the address of the connection: behind a proxy that is the proxy's, and one limit for everybody",
    "Behind a proxy: LATCHKEY_TRUST_PROXY=its address.",
  );
}

/** A signature is for the origin of the issuer, and its nonce is good once where all nodes remember it. */
function signedRequests(configuration: Configuration): Finding | undefined {
  const { messageSignatures, redisUrl } = configuration.values;
  if (messageSignatures !== "on") return undefined;
  const practice = "a signed request is good once, and for here";
  const { origin } = new URL(issuerOn(configuration, configuration.port));
  if (redisUrl !== undefined) return good(practice, `for ${origin}; nonces are remembered in Redis`);
  if (databaseOf(configuration).kind === "sqlite") return good(practice, `for ${origin}; nonces are remembered in the server's process`);
  return warning(
    practice,
    `for ${origin}; of several servers on this database each remembers only the nonces that it has seen`,
    "LATCHKEY_REDIS_URL, where there is more than one server.",
  );
}

function attemptsLogged({ logLevel }: Configuration): Finding {
  const practice = "attempts are logged";
  if (logLevel !== "silent" && logLevel !== "error") return good(practice, `log level ${logLevel}; every refusal is in the audit log too`);
  return warning(practice, `log level ${logLevel}: refusals are in the audit log only`, "LATCHKEY_LOG_LEVEL=info");
}

/** When the Node.js project stops mending a line of releases. */
const supportEnds: Readonly<Record<string, string>> = { "20": "2026-04-30", "22": "2027-04-30", "24": "2028-04-30" };

export function runtime(version: string, at: Date): Finding {
  const practice = "the runtime gets security fixes";
  const ends = supportEnds[version.split(".")[0]!];
  if (ends === undefined || at.toISOString().slice(0, 10) <= ends) return good(practice, `Node.js ${version}`);
  return warning(practice, `Node.js ${version}: no fixes since ${ends}`, "Run a supported line of Node.js.");
}

/** Its mode; undefined: it is not there. */
function exists(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : found.mode & 0o777;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
