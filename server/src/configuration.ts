import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type LatchkeyOptions, newMasterSecret } from "latchkey";
import { type Input, type OptionSpec, text } from "./arguments.ts";
import { UsageError } from "./usage.ts";

export interface Configuration {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly issuer: string;
  readonly secret: readonly string[];
  readonly trustProxy: readonly string[];
  readonly limits: NonNullable<LatchkeyOptions["limits"]>;
  readonly development: boolean;
}

/** Options of every command that opens the data. */
export const dataOption: OptionSpec = { name: "data", value: "DIR", describe: "data folder (LATCHKEY_DATA; default ./.latchkey)" };

export const serveOptions: readonly OptionSpec[] = [
  dataOption,
  { name: "port", value: "PORT", describe: "port (LATCHKEY_PORT; default 3000; 0: any free one)" },
  { name: "host", value: "HOST", describe: "address to listen on (LATCHKEY_HOST; default 127.0.0.1)" },
  { name: "issuer", value: "URL", describe: "URL as clients know it (LATCHKEY_ISSUER; default http://localhost:PORT)" },
];

/** Flags before environment before defaults. Throws a UsageError that names the setting and what is allowed. */
export function readConfiguration(input: Input, environment: NodeJS.ProcessEnv): Configuration {
  refuseUnknown(environment);
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    throw new UsageError("NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off for the whole program. Unset it.");
  }
  const data = resolve(text(input, "data") ?? environment.LATCHKEY_DATA ?? ".latchkey");
  const port = readPort(text(input, "port") ?? environment.LATCHKEY_PORT ?? "3000");
  const host = text(input, "host") ?? environment.LATCHKEY_HOST ?? "127.0.0.1";
  const issuer = text(input, "issuer") ?? environment.LATCHKEY_ISSUER ?? `http://localhost:${port}`;
  const development = isLoopback(host) && isLoopbackIssuer(issuer);
  if (!isLoopback(host) && !issuer.startsWith("https://")) {
    throw new UsageError(
      `LATCHKEY_ISSUER: got ${JSON.stringify(issuer)}; allowed where LATCHKEY_HOST is not loopback: the https URL that clients use.`,
    );
  }
  return {
    port,
    host,
    data,
    issuer,
    development,
    secret: readSecret(environment, data, development),
    trustProxy: (environment.LATCHKEY_TRUST_PROXY ?? "")
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
    limits: readLimits(environment.LATCHKEY_LIMITS),
  };
}

const known = ["PORT", "HOST", "DATA", "ISSUER", "SECRET", "SECRET_FILE", "TRUST_PROXY", "LIMITS"].map((name) => `LATCHKEY_${name}`);

function refuseUnknown(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (name.startsWith("LATCHKEY_") && !name.startsWith("LATCHKEY_TEST_") && !known.includes(name)) {
      throw new UsageError(`${name} is not a setting. Allowed: ${known.join(", ")}.`);
    }
  }
}

function readPort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535))
    throw new UsageError(`LATCHKEY_PORT: got ${JSON.stringify(value)}; allowed: a number from 0 to 65535. Example: 3000`);
  return port;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

/** The whole host counts: `http://localhost.example.org` is somebody's public name. */
function isLoopbackIssuer(issuer: string): boolean {
  return URL.canParse(issuer) && isLoopback(new URL(issuer).hostname.replace(/^\[|\]$/g, ""));
}

function readLimits(value: string | undefined): Configuration["limits"] {
  const names: Readonly<Record<string, "credentialAddress" | "credential">> = {
    "credential-address": "credentialAddress",
    credential: "credential",
  };
  const limits: { credentialAddress?: string; credential?: string } = {};
  for (const entry of (value ?? "").split(",").filter((part) => part !== "")) {
    const [name, limit] = entry.split("=") as [string, string | undefined];
    const option = names[name.trim()];
    if (option === undefined || limit === undefined) {
      throw new UsageError(
        `LATCHKEY_LIMITS: got ${JSON.stringify(entry)}; allowed: ${Object.keys(names).join(", ")}. Example: credential-address=100/1m`,
      );
    }
    limits[option] = limit.trim();
  }
  return limits;
}

/** From the environment, from a file, or in development from the data folder, where it is made at the first start. */
function readSecret(environment: NodeJS.ProcessEnv, data: string, development: boolean): readonly string[] {
  if (environment.LATCHKEY_SECRET !== undefined) return environment.LATCHKEY_SECRET.split(",");
  if (environment.LATCHKEY_SECRET_FILE !== undefined) return secretFile(environment.LATCHKEY_SECRET_FILE);
  const file = join(data, "secret");
  if (existsSync(file)) return secretFile(file);
  if (!development)
    throw new UsageError(
      "LATCHKEY_SECRET or LATCHKEY_SECRET_FILE must be set outside development: at least 32 bytes. Example: openssl rand -base64 32",
    );
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const secret = newMasterSecret();
  writeFileSync(file, `${secret}\n`, { mode: 0o600, flag: "wx" });
  chmodSync(file, 0o600);
  return [secret];
}

function secretFile(file: string): readonly string[] {
  if (!existsSync(file)) throw new UsageError(`LATCHKEY_SECRET_FILE: ${file} does not exist.`);
  if ((statSync(file).mode & 0o077) !== 0)
    throw new UsageError(`${file} can be read by others. Allowed: mode 0600. Mend it with: chmod 600 ${file}`);
  return readFileSync(file, "utf8").trim().split(",");
}
