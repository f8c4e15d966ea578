// A server that listens by https with certificates made by openssl, and requests to it by TLS.
import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { authorityExtensions, type MadeCertificate, type MakeOptions, type Workshop, workshop } from "../../library/test/certificates.ts";
import { type Served, served } from "./program.ts";

export const spiffe = "spiffe://example.com/billing";

export interface TlsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

export interface TlsHouse {
  readonly shop: Workshop;
  readonly ca: MadeCertificate;
  readonly identity: MadeCertificate;
  /** Path of a file of the workshop. */
  at(name: string): string;
  /** A client's certificate with these lines of extensions, and what is special about it. */
  client(name: string, lines?: readonly string[], options?: MakeOptions): MadeCertificate;
  /** A server with these files, its authority for clients, and who is known by what. */
  serve(settings?: NodeJS.ProcessEnv): Promise<Served>;
}

export function tlsHouse(): TlsHouse {
  const shop = workshop();
  const at = (name: string) => join(shop.folder, name);
  const ca = shop.make("ca", { extensions: authorityExtensions, days: 365 });
  const serverLines = ["basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost,IP:127.0.0.1", "extendedKeyUsage=serverAuth"];
  const identity = shop.make("server", { by: ca, extensions: serverLines });
  writeFileSync(at("clients.json"), JSON.stringify([{ as: "svc_billing", uri: spiffe, scopes: ["orders:read"] }]));
  writeFileSync(at("revoked.txt"), "# none yet\n");
  return {
    shop,
    ca,
    identity,
    at,
    client: (name, lines = [`subjectAltName=URI:${spiffe}`], options = {}) =>
      shop.make(name, { by: ca, extensions: ["basicConstraints=CA:FALSE", "extendedKeyUsage=clientAuth", ...lines], ...options }),
    serve: (settings = {}) =>
      served({
        LATCHKEY_TLS_CERT: at("server.pem"),
        LATCHKEY_TLS_KEY: at("server.key"),
        LATCHKEY_CLIENT_CA: at("ca.pem"),
        LATCHKEY_CLIENT_CERTIFICATES: at("clients.json"),
        LATCHKEY_CLIENT_REVOKED: at("revoked.txt"),
        ...settings,
      }),
  };
}

export interface TlsRequest {
  readonly shown?: MadeCertificate;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One request on a connection of its own, with this certificate. Rejects when the server's own is not of this authority. */
export function askByTls(url: string, ca: string, { shown, method = "GET", headers = {}, body = "" }: TlsRequest = {}): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const identity = shown === undefined ? {} : { key: shown.key, cert: shown.cert };
    const sent = request(url, { method, headers, ca, agent: false, ...identity }, (answer) => {
      let text = "";
      answer.on("data", (chunk: Buffer) => (text += chunk.toString()));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: JSON.parse(text) as Record<string, unknown> }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
