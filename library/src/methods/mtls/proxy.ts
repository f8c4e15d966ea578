import type { PeerCertificate, RequestView } from "../../contracts/index.ts";

/** A proxy that ends TLS and passes the client's certificate on. */
export interface CertificateProxy {
  /** Addresses or ranges of the proxy: the header of anybody else is not looked at. */
  readonly addresses: readonly string[];
  /**
   * `client-cert`: RFC 9440, `Client-Cert` and `Client-Cert-Chain`. `nginx`: `X-SSL-Client-Cert $ssl_client_escaped_cert` and
   * `X-SSL-Client-Verify $ssl_client_verify`. `envoy`: `X-Forwarded-Client-Cert`. `traefik`: `X-Forwarded-Tls-Client-Cert`.
   */
  readonly form: keyof typeof forms;
}

/** What a proxy says; a text: what is wrong with it. Undefined: the client had no certificate. */
type Told = PeerCertificate | string | undefined;

const mostChain = 5;

export const forms = {
  "client-cert": clientCert,
  nginx,
  envoy,
  traefik,
} as const satisfies Readonly<Record<string, (view: RequestView) => Told>>;

function only(view: RequestView, name: string): string | false | undefined {
  const value = view.header(name);
  return value === undefined || value === "" ? undefined : typeof value === "string" ? value : false;
}

/** RFC 9440 s.2: structured-field byte sequences of DER. */
function clientCert(view: RequestView): Told {
  const leaf = only(view, "client-cert");
  const chain = only(view, "client-cert-chain");
  if (leaf === undefined) return undefined;
  if (leaf === false || chain === false) return "Client-Cert came twice";
  const der = byteSequence(leaf);
  const issuers = chain === undefined ? [] : chain.split(",", mostChain + 1).map((part) => byteSequence(part.trim()));
  if (der === undefined || issuers.includes(undefined) || issuers.length > mostChain) return "Client-Cert is no byte sequence";
  return { certificate: der, chain: issuers as Uint8Array[] };
}

function byteSequence(text: string): Uint8Array | undefined {
  return text.length > 2 && text.startsWith(":") && text.endsWith(":") ? base64(text.slice(1, -1)) : undefined;
}

function nginx(view: RequestView): Told {
  const [text, verdict] = [only(view, "x-ssl-client-cert"), only(view, "x-ssl-client-verify")];
  if (text === false || verdict === false) return "a header of the certificate came twice";
  if (verdict !== undefined && verdict !== "SUCCESS" && verdict !== "NONE") return `the proxy says ${verdict.slice(0, 60)}`;
  if (text === undefined) return undefined;
  return pem(decoded(text)) ?? "X-SSL-Client-Cert is no certificate";
}

/** One element: with more of them, some came from further out, and nobody says who put them there. */
function envoy(view: RequestView): Told {
  const text = only(view, "x-forwarded-client-cert");
  if (text === undefined) return undefined;
  if (text === false || /,(?=(?:[^"]*"[^"]*")*[^"]*$)/.test(text)) return "X-Forwarded-Client-Cert has several elements";
  const cert = /(?:^|;)Cert="([^"]*)"/i.exec(text)?.[1];
  const chain = /(?:^|;)Chain="([^"]*)"/i.exec(text)?.[1];
  if (cert === undefined) return "X-Forwarded-Client-Cert has no Cert: let Envoy set it (set_current_client_cert_details)";
  return pem(`${decoded(cert) ?? ""}\n${chain === undefined ? "" : (decoded(chain) ?? "")}`) ?? "X-Forwarded-Client-Cert is no certificate";
}

/** PEM without its lines; further certificates after commas. */
function traefik(view: RequestView): Told {
  const text = only(view, "x-forwarded-tls-client-cert");
  if (text === undefined) return undefined;
  if (text === false) return "X-Forwarded-Tls-Client-Cert came twice";
  const parts = (decoded(text) ?? "").split(",", mostChain + 2).map(base64);
  const [certificate, ...chain] = parts;
  if (certificate === undefined || chain.includes(undefined) || chain.length > mostChain)
    return "X-Forwarded-Tls-Client-Cert is no certificate";
  return { certificate, chain: chain as Uint8Array[] };
}

function decoded(text: string): string | undefined {
  try {
    return text.includes("%") ? decodeURIComponent(text) : text;
  } catch {
    return undefined;
  }
}

function pem(text: string | undefined): PeerCertificate | undefined {
  const found = [...(text ?? "").matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)].map(([, body]) =>
    base64(body!.replaceAll(/\s/g, "")),
  );
  const [certificate, ...chain] = found;
  if (certificate === undefined || chain.includes(undefined) || chain.length > mostChain + 1) return undefined;
  return { certificate, chain: chain as Uint8Array[] };
}

function base64(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}
