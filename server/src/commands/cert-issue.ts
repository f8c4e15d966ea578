import { existsSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import { systemClock } from "latchkey";
import { type Input, list, text } from "../arguments.ts";
import type { Issued, Names } from "../certificates/index.ts";
import { type Configuration, makeDataFolder } from "../configuration/index.ts";
import { shellWords } from "../shell-words.ts";
import { UsageError } from "../usage.ts";
import type { Command } from "./command.ts";

interface Made extends Issued {
  readonly authority: string;
  readonly names: readonly string[];
  /** Whom the gate takes a client for. */
  readonly as?: string;
  /** Lines to paste. */
  readonly serve: string;
  readonly curl: string;
}

export const certIssue: Command = {
  name: "cert issue",
  summary: "Make certificates for development: of this server, or of a client of it.",
  positionals: [],
  options: [
    { name: "client", value: "NAME", describe: "a client's certificate; left out: the server's" },
    { name: "uri", value: "URI", many: true, describe: "a name of it; of a client spiffe://localhost/NAME by default; several allowed" },
    { name: "dns", value: "NAME", many: true, describe: "a name of it; of the server localhost by default; several allowed" },
    { name: "ip", value: "ADDRESS", many: true, describe: "an address of it; of the server 127.0.0.1 and ::1 by default; several allowed" },
    { name: "scope", value: "SCOPE", many: true, describe: "what the client may do; several allowed" },
    { name: "days", value: "N", describe: "how long it is good: 1 to 397; 90 by default" },
  ],
  example: "latchkey cert issue --client billing --scope orders:read",
  async here({ input, configuration }): Promise<Made> {
    const { issueCertificate, listClient, openAuthority } = await import("../certificates/index.ts");
    const [client, days, at] = [clientName(text(input, "client")), daysOf(text(input, "days")), systemClock.now()];
    const names = namesOf(input, client);
    makeDataFolder(configuration.data);
    const folder = join(configuration.data, "certificates");
    const authority = openAuthority(folder, at);
    const server = (wanted: Names) =>
      issueCertificate(folder, authority, { file: "server", name: "localhost", purpose: "server", names: wanted, days, at });
    const lines = linesOf(configuration, folder, client);
    const told = { authority: authority.file, names: [...names.dns, ...names.uris, ...list(input, "ip")], ...lines };
    if (client === undefined) return { ...server(names), ...told };
    // So that the lines work as they are.
    if (!existsSync(join(folder, "server.pem"))) server(namesOf({}, undefined));
    const issued = issueCertificate(folder, authority, { file: client, name: client, purpose: "client", names, days, at });
    const [uri, dns] = [names.uris[0], names.dns[0]];
    const as = `svc_${client}`;
    listClient(join(folder, "clients.json"), { as, ...(uri === undefined ? { dns: dns! } : { uri }), scopes: list(input, "scope") });
    return { ...issued, ...told, as };
  },
  print: ({ certificate, key, serve, curl, as, expiresAt }: Made) =>
    [
      `${certificate}: the certificate${as === undefined ? "" : ` of ${as}`}, good until ${new Date(expiresAt).toISOString()}`,
      `${key}: its private key`,
      "",
      serve,
      curl,
      "",
      "For development: whoever reads ca.key in that folder can be every one of them.",
    ].join("\n"),
};

/** What becomes the name of a file. */
function clientName(name: string | undefined): string | undefined {
  if (name === undefined || (/^[a-z0-9][a-z0-9._-]{0,60}$/.test(name) && !["ca", "server", "clients"].includes(name))) return name;
  throw new UsageError(
    `--client: got ${JSON.stringify(name.slice(0, 60))}; allowed: 1 to 61 small letters, digits and . _ -, beginning with one of the first two; not ca, server or clients. Example: billing`,
  );
}

function daysOf(days: string | undefined): number {
  if (days === undefined) return 90;
  if (/^[1-9]\d{0,2}$/.test(days) && Number(days) <= 397) return Number(days);
  throw new UsageError(`--days: got ${JSON.stringify(days.slice(0, 60))}; allowed: a whole number from 1 to 397. Example: 90`);
}

function namesOf(input: Input, client: string | undefined): Names {
  const [dns, uris, addresses] = [list(input, "dns"), list(input, "uri"), list(input, "ip")];
  refuseOthers("dns", dns, (name) => /^(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/.test(name), "a DNS name", "billing.internal");
  refuseOthers(
    "uri",
    uris,
    (uri) => /^[a-z][a-z0-9+.-]*:[!-~]{1,300}$/i.test(uri) && !/[",]/.test(uri),
    "a URI",
    "spiffe://example.com/billing",
  );
  refuseOthers("ip", addresses, (address) => isIP(address) !== 0, "an address", "192.0.2.7");
  if (client !== undefined && dns.length + uris.length === 0)
    return { dns, uris: [`spiffe://localhost/${client}`], addresses: addresses.map(bytesOf) };
  if (dns.length + uris.length + addresses.length > 0) return { dns, uris, addresses: addresses.map(bytesOf) };
  return { dns: ["localhost"], uris, addresses: ["127.0.0.1", "::1"].map(bytesOf) };
}

function refuseOthers(
  option: string,
  values: readonly string[],
  isGood: (value: string) => boolean,
  allowed: string,
  example: string,
): void {
  const bad = values.find((value) => !isGood(value));
  if (bad !== undefined)
    throw new UsageError(`--${option}: got ${JSON.stringify(bad.slice(0, 60))}; allowed: ${allowed}. Example: ${example}`);
}

/** An address in network order. */
function bytesOf(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split(".").map(Number));
  // The URL parser writes an embedded IPv4 address as groups, too.
  const [head = "", tail] = new URL(`http://[${address.split("%")[0]!}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string | undefined) => (part === undefined || part === "" ? [] : part.split(":"));
  const [first, last] = [groups(head), groups(tail)];
  const all = [...first, ...Array<string>(8 - first.length - last.length).fill("0"), ...last];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

function linesOf({ data, origins, port }: Configuration, folder: string, client: string | undefined): Pick<Made, "serve" | "curl"> {
  const at = (file: string) => join(folder, file);
  const clients = existsSync(at("clients.json")) || client !== undefined;
  const listening = port === 3000 ? [] : ["--port", String(port)];
  const where = origins.data === undefined ? [] : ["--data", data];
  const tls = ["--tls-cert", at("server.pem"), "--tls-key", at("server.key")];
  const asked = clients ? ["--client-ca", at("ca.pem"), "--client-certificates", at("clients.json")] : [];
  const serve = ["npx", "latchkey", "serve", ...where, ...listening, ...tls, ...asked];
  const shown = client === undefined ? [] : ["--cert", at(`${client}.pem`), "--key", at(`${client}.key`)];
  const curl = ["curl", "--cacert", at("ca.pem"), ...shown, `https://localhost:${port}/${client === undefined ? "healthz" : "whoami"}`];
  return { serve: shellWords(serve), curl: shellWords(curl) };
}
