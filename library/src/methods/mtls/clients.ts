import type { X509Certificate } from "node:crypto";
import { type CertificateNames, OptionFault, type PrincipalKind } from "../../contracts/index.ts";
import { isScopeToken, scopeForm } from "../../primitives/index.ts";

/** Whose certificate it is, by one of its names. */
export interface CertificateClient {
  /** The principal's subject. */
  readonly as: string;
  /** `service` by default. */
  readonly kind?: Exclude<PrincipalKind, "user">;
  readonly scopes?: readonly string[];
  /** A URI of its subject alternative names, whole: `spiffe://example.com/billing`. */
  readonly uri?: string;
  /** A DNS name of its subject alternative names, whole; a wildcard is a name like any other. */
  readonly dns?: string;
  /** Its subject as `openssl x509 -subject -nameopt sep_comma_plus_space,sname` shows it, in the order of the certificate: `O=Acme, CN=billing`. */
  readonly subject?: string;
  /** SHA-256 of the certificate, in base64url (as in RFC 8705) or hexadecimal: this one certificate and no successor. */
  readonly thumbprint?: string;
}

export interface KnownClient {
  readonly as: string;
  readonly kind: Exclude<PrincipalKind, "user">;
  readonly scopes: readonly string[];
  readonly matches: (names: CertificateNames) => boolean;
}

const ways = ["uri", "dns", "subject", "thumbprint"] as const;

/** Reads the list from a file: the same in JSON. Throws an OptionFault. */
export function readClientsFile(content: Buffer): readonly KnownClient[] {
  let clients: unknown;
  try {
    clients = JSON.parse(content.toString("utf8"));
  } catch {
    throw new OptionFault("clientsFile", {
      got: "what is no JSON",
      allowed: "a file with a JSON list of clients",
      example: '[{ "as": "svc_billing", "dns": "billing.internal" }]',
    });
  }
  return readClients(clients as readonly CertificateClient[]);
}

/** Checks the list. Throws an OptionFault: each client has exactly one name, and no two the same. */
export function readClients(clients: readonly CertificateClient[]): readonly KnownClient[] {
  if (!Array.isArray(clients) || clients.length === 0)
    throw new OptionFault("clients", {
      got: clients,
      allowed: "a list of clients",
      example: '[{ as: "svc_billing", dns: "billing.internal" }]',
    });
  const seen = new Set<string>();
  return clients.map((given: CertificateClient | null) => {
    const client = given ?? ({} as CertificateClient);
    const { as, kind = "service", scopes = [] } = client;
    if (typeof as !== "string" || !/^[\x21-\x7e]{1,200}$/.test(as))
      throw new OptionFault("clients.as", { got: as, allowed: "1 to 200 visible characters", example: '"svc_billing"' });
    if (kind !== "service" && kind !== "client")
      throw new OptionFault("clients.kind", { got: kind, allowed: "service or client", example: '"service"' });
    const bad = scopes.find((scope) => !isScopeToken(scope));
    if (bad !== undefined) throw new OptionFault("clients.scopes", { got: bad, allowed: scopeForm, example: '["orders:read"]' });
    return { as, kind, scopes: Object.freeze([...scopes]), matches: matcherOf(client, seen) };
  });
}

function matcherOf(client: CertificateClient, seen: Set<string>): KnownClient["matches"] {
  const given = ways.filter((way) => client[way] !== undefined);
  const [way] = given;
  const name = way === undefined ? undefined : client[way];
  const problem = {
    got: given.join(" and "),
    allowed: "exactly one of uri, dns, subject and thumbprint for each client",
    example: '{ as: "svc_billing", dns: "billing.internal" }',
  };
  if (way === undefined || given.length > 1 || typeof name !== "string" || name === "") throw new OptionFault("clients", problem);
  const wanted = way === "thumbprint" ? readThumbprint(name) : way === "dns" ? name.toLowerCase() : name;
  if (seen.has(`${way} ${wanted}`)) throw new OptionFault("clients", { ...problem, got: `${way} ${name} twice` });
  seen.add(`${way} ${wanted}`);
  if (way === "uri") return ({ uris }) => uris.includes(wanted);
  if (way === "dns") return ({ dns }) => dns.includes(wanted);
  if (way === "subject") return ({ subject }) => subject.replaceAll("\n", ", ") === wanted;
  return ({ thumbprint }) => thumbprint === wanted;
}

/** A thumbprint in either form, as base64url. Throws an OptionFault. */
export function readThumbprint(text: string): string {
  const hex = text.replaceAll(":", "");
  if (/^[0-9A-Fa-f]{64}$/.test(hex)) return Buffer.from(hex, "hex").toString("base64url");
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return text;
  throw new OptionFault("thumbprint", {
    got: text,
    allowed: "a SHA-256 in base64url or hexadecimal",
    example: "the output of: openssl x509 -noout -fingerprint -sha256",
  });
}

/** The names by which a certificate can be known. */
export function namesOf(certificate: X509Certificate): CertificateNames {
  const names = [
    ...(certificate.subjectAltName ?? "").matchAll(
      /(URI|DNS|IP Address|email|othername|DirName|Registered ID):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g,
    ),
  ];
  // A value with a quote, a comma or a control character is written as JSON, and is none that anybody would be known by.
  const valuesOf = (kind: string) =>
    names.filter(([, found, value]) => found === kind && !value!.startsWith('"')).map(([, , value]) => value!);
  return {
    uris: valuesOf("URI"),
    dns: valuesOf("DNS").map((name) => name.toLowerCase()),
    addresses: valuesOf("IP Address"),
    emails: valuesOf("email"),
    // Node leaves an empty subject undefined.
    subject: certificate.subject ?? "",
    thumbprint: Buffer.from(certificate.fingerprint256.replaceAll(":", ""), "hex").toString("base64url"),
  };
}
