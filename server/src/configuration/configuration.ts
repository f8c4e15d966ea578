import { resolve } from "node:path";
import { type Input, text } from "../arguments.ts";
import { UsageError } from "../usage.ts";
import { readConfigFile } from "./file.ts";
import { isLoopback } from "./forms.ts";
import type { Limits } from "./limits.ts";
import { refuseUseless } from "./needs.ts";
import { settings, type Values } from "./settings.ts";
import { type Origins, readSources } from "./sources.ts";
import { refuseTlsTogether } from "./tls-together.ts";

/** What the server was told, checked and completed; the secrets are read when they are needed. */
export interface Configuration {
  readonly values: Values;
  readonly origins: Origins;
  readonly port: number;
  readonly host: string;
  /** Absolute path of the data folder. */
  readonly data: string;
  readonly trustProxy: readonly string[];
  readonly limits: Limits;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  /** Host and issuer are on loopback: convenience is allowed that would be a hole elsewhere. */
  readonly development: boolean;
}

/**
 * Flags before environment before configuration file before defaults. Reads, and makes nothing. Throws a UsageError that
 * names the setting and what is allowed.
 */
export async function readConfiguration(input: Input, environment: NodeJS.ProcessEnv): Promise<Configuration> {
  if (environment.NODE_TLS_REJECT_UNAUTHORIZED === "0")
    throw new UsageError("NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off for the whole program. Unset it.");
  const { values, origins } = readSources(input, environment, await readConfigFile(text(input, "config")));
  const host = values.host ?? "127.0.0.1";
  const development = isLoopback(host) && (values.issuer === undefined || isLoopback(hostOf(values.issuer)));
  refuseTogether(values, origins, development, host);
  return {
    values,
    origins,
    port: values.port ?? 3000,
    host,
    data: resolve(values.data ?? ".latchkey"),
    trustProxy: values.trustProxy ?? [],
    limits: values.limits ?? {},
    logLevel: values.logLevel ?? "info",
    development,
  };
}

/** The issuer, where the server listens on this port. */
export function issuerOn(configuration: Configuration, port: number): string {
  return configuration.values.issuer ?? localUrl(configuration, port);
}

/** What this machine reaches the server by. */
export function localUrl({ values }: Configuration, port: number): string {
  return `${values.tlsCert === undefined ? "http" : "https"}://localhost:${port}`;
}

/**
 * Whether clients are told https by a server that speaks it to nobody: it has no certificate, and believes no proxy that says so.
 * Then every request counts as plain http: no Basic, one address for all, and no `Secure` cookie that a browser would keep.
 */
export function lacksTls({ values: { issuer, tlsCert }, trustProxy }: Configuration): boolean {
  return issuer?.startsWith("https:") === true && !isLoopback(hostOf(issuer)) && tlsCert === undefined && trustProxy.length === 0;
}

/** What is well-formed alone, and wrong beside the rest. */
function refuseTogether(values: Values, origins: Origins, development: boolean, host: string): void {
  if (values.secret !== undefined && values.secretFile !== undefined)
    throw new UsageError(`${origins.secret} and ${origins.secretFile} are both set. Keep one of them.`);
  refuseUseless(values, origins, development);
  refuseTlsTogether(values, origins);
  if (!isLoopback(host) && values.issuer?.startsWith("https://") !== true)
    throw new UsageError(
      `${origins.issuer ?? settings.issuer.environment}: got ${values.issuer === undefined ? "nothing" : JSON.stringify(values.issuer)}; ` +
        `allowed where the server listens beyond loopback (${origins.host} is ${JSON.stringify(host)}): the https URL that clients use. Example: ${settings.issuer.example}`,
    );
  if (!development && Object.values(values.limits ?? {}).includes("off"))
    throw new UsageError(`${origins.limits}: off is for load tests, and allowed only where host and issuer are on loopback.`);
}

/** The host of a URL, as `isLoopback` wants it. */
export function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, "");
}
